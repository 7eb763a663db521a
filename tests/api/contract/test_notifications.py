"""The rows about what waits for a person."""

import pytest

from recado.db.database import Database
from recado.notifications.writing import Wanted, write_notifications
from tests.api.contract.rows import row
from tests.api.contract.wire import PYTHON, Wire
from tests.people import NOW, Cast


@row(
    "GET notifications", "GET notifications/unread_count", "POST notifications/read_all",
    "POST notifications/destroy_all", "PATCH notifications/{id}", "POST notifications/{id}/unread",
    "POST notifications/{id}/snooze", "DELETE notifications/{id}", "GET notification_settings",
    "PATCH notification_settings",
)  # fmt: skip
@pytest.mark.usefixtures("chat")
async def test_an_app_reads_and_puts_aside_what_waits(
    wire: Wire, database: Database, cast: Cast
) -> None:
    async with database.transaction() as tx:
        waits = Wanted(
            cast.account.id, cast.ana.user_id, "conversation_assignment", ("page", "push"), NOW,
            conversation_id=1,
        )  # fmt: skip
        await write_notifications(tx, [waits])
    listed = (await wire.ok("GET …/notifications?page=1&includes%5B%5D=read", PYTHON))["data"]
    assert listed["meta"] == {"unread_count": 1, "count": 1, "current_page": 1}
    [one] = listed["payload"]
    assert (one["notification_type"], one["primary_actor"]["id"]) == ("conversation_assignment", 1)
    assert isinstance(one["created_at"], int)
    assert await wire.ok("GET …/notifications/unread_count", PYTHON) == 1
    assert (await wire.ok("PATCH …/notifications/1", PYTHON, "{}"))["read_at"]
    assert (await wire.ok("POST …/notifications/1/unread", PYTHON))["read_at"] is None
    await wire.ok("POST …/notifications/1/snooze", PYTHON, '{"snoozed_until":4102444800}')
    for line, body in (
        (
            "POST …/notifications/read_all",
            '{"primary_actor_type":"Conversation","primary_actor_id":1}',
        ),
        ("DELETE …/notifications/1", ""),
        ("POST …/notifications/destroy_all", '{"type":"read"}'),
    ):
        answer = await wire.send(line, PYTHON, body)
        assert (answer.status, answer.body) == (200, b""), line
    settings = await wire.ok("GET …/notification_settings", PYTHON)
    assert "email_conversation_mention" in settings["selected_email_flags"]
    flags = '{"notification_settings":{"selected_email_flags":[],"selected_push_flags":[]}}'
    changed = await wire.ok("PATCH …/notification_settings", PYTHON, flags)
    assert (changed["selected_email_flags"], changed["selected_push_flags"]) == ([], [])
