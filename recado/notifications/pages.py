"""Pages of notifications: the bell's number, the list, and what each person wants to be told."""

from datetime import UTC, datetime
from typing import Any, Final

from litestar import get, post
from litestar.response import Redirect, Response, Template

from recado.accounts.doors import (
    MemberRequest,
    flash_of,
    found,
    go_to,
    is_fragment_wanted,
    members_only,
    page,
)
from recado.conversations.counting_unread import unread_counts
from recado.conversations.seeing import mark_seen
from recado.conversations.viewing import find_visible
from recado.conversations.watching import look_at, look_away
from recado.db.database import Database, Transaction
from recado.inboxes.opening import find_inbox
from recado.lib.languages import say
from recado.lib.mail_servers import has_mail_server
from recado.lib.numbers import number_in
from recado.mail.explaining import NO_SERVER
from recado.notifications.models import Way
from recado.notifications.reading import (
    ALL,
    PAGE,
    UNREAD,
    find_notification,
    fresh_notifications,
    mark_all_read,
    mark_conversation_read,
    mark_read,
    notification_count,
    notifications_page,
)
from recado.notifications.settings import choose_ways, kinds_for
from recado.notifications.telling import ways_of
from recado.notifications.wording import (
    ICONS,
    KINDS,
    opening_path,
    path_of,
    path_of_action,
    path_of_inbox,
    text_of,
    title_of,
)

_GONE: Final = say(
    "That notification is not yours, or no longer kept: it goes after 90 days, or with what it was about."
)


@get("/app/notifications", guards=[members_only])
async def list_notifications(request: MemberRequest, database: Database) -> Template:
    """The list, or its fragment for a page that has heard of a change."""
    return await _list(request, database)


async def _list(request: MemberRequest, database: Database, *, lacks_one: bool = False) -> Template:
    """`lacks_one`: somebody followed the link of one that is not among them."""
    query, now = request.query_params, datetime.now(UTC)
    only_unread, at = query.get("show") == "unread", number_in(query.get("page")) or 1
    async with database.transaction() as tx:
        unread, all_ = [
            await notification_count(tx, request.user, one, now=now) for one in (UNREAD, ALL)
        ]
        wished = UNREAD if only_unread else ALL
        shown = await notifications_page(tx, request.user, wished, now=now, page=at)
    name = "_list" if is_fragment_wanted(request) else "list"
    counts = {"unread": unread, "all": all_}
    return page(
        request, f"notifications/{name}.html", notifications=shown, counts=counts,
        only_unread=only_unread, page_number=at,
        has_more=at * PAGE < counts["unread" if only_unread else "all"],
        icons=ICONS, title_of=title_of, text_of=text_of,
        flash=flash_of(_GONE if lacks_one else None, "warning"), status_code=404 if lacks_one else 200,
    )  # fmt: skip


@get("/app/notifications/count", guards=[members_only])
async def count_notifications(request: MemberRequest, database: Database) -> Template | Redirect:
    """The number on the bell."""
    if not is_fragment_wanted(request):
        return Redirect("/app/notifications")
    async with database.transaction() as tx:
        count = await notification_count(tx, request.user, now=datetime.now(UTC))
    return page(request, "notifications/_count.html", count=count)


@get("/app/notifications/fresh", guards=[members_only])
async def tell_fresh(request: MemberRequest, database: Database) -> dict[str, Any]:
    """For notifications of the browser; a key is the same until something is added."""
    async with database.transaction() as tx:
        fresh = await fresh_notifications(tx, request.user, now=datetime.now(UTC))
    told = [
        {
            "key": f"{one.id}.{one.times}",
            "title": str(title_of(one)),
            "text": text_of(one),
            "path": path_of(one),
            "opens": opening_path(one),
        }
        for one in fresh
    ]
    return {"notifications": told}


@post("/app/conversations/{number:int}/look", guards=[members_only], status_code=204)
async def look_at_conversation(request: MemberRequest, database: Database, number: int) -> None:
    """A page shows a conversation, or (`away`) no longer: what waits there for its reader is read."""
    is_away = (await request.form()).get("away") == "1"
    async with database.transaction() as tx:
        conversation, now = found(await find_visible(tx, request.user, number)), datetime.now(UTC)
        if is_away:
            await look_away(tx, conversation, request.user.user_id, now=now)
        else:
            if await unread_counts(tx, [conversation]):  # locked first: a look holds the row, too
                locked = found(await find_visible(tx, request.user, number, for_change=True))
                await mark_seen(tx, locked, now=now)
            await look_at(tx, conversation, request.user.user_id, now=now)
            await mark_conversation_read(tx, request.user, conversation, now=now)


@post("/app/notifications/read", guards=[members_only])
async def read_all(request: MemberRequest, database: Database) -> Response[Any]:
    async with database.transaction() as tx:
        await mark_all_read(tx, request.user, now=datetime.now(UTC))
    return go_to(request, "/app/notifications")


@get("/app/notifications/{notification_id:int}/open", guards=[members_only])
async def open_notification(
    request: MemberRequest, database: Database, notification_id: int
) -> Redirect | Template:
    """Whoever opens it has read it; a link, so that it opens in a new tab as well.

    One that is no longer kept leads where it led, as far as its address says, else to the list, which
    says so; and so, not to tell apart, does somebody else's.
    """
    async with database.transaction() as tx:
        one = await find_notification(tx, request.user, notification_id)
        if one is not None:
            await mark_read(tx, one, now=datetime.now(UTC))
        path = path_of(one) if one else await _path_without(tx, request)
    return (
        Redirect(path, status_code=303) if path else await _list(request, database, lacks_one=True)
    )


async def _path_without(tx: Transaction, request: MemberRequest) -> str | None:
    """Where the address of a notification leads that is not there, if anywhere."""
    about, member = request.query_params, request.user
    action_id, inbox_id = number_in(about.get("action")), number_in(about.get("inbox"))
    if member.is_administrator and action_id:
        return path_of_action(action_id)
    if member.is_administrator and inbox_id and await find_inbox(tx, member.account_id, inbox_id):
        return path_of_inbox(inbox_id)
    return None


# --- what somebody wants to be told, and how ---

_SAVED: Final = say("Saved. It holds for what happens from now on.")


@get("/app/profile/notifications", guards=[members_only], sync_to_thread=False)
def show_choices(request: MemberRequest) -> Template:
    is_saved = request.query_params.get("saved") == "1"
    kinds = kinds_for(request.user)
    return page(
        request, "notifications/choices.html",
        kinds={one: KINDS[one] for one in kinds}, ways=_WAYS,
        chosen={one: ways_of(request.user, one) for one in kinds},
        no_server=None if has_mail_server() else NO_SERVER,
        flash=flash_of(_SAVED if is_saved else None),
    )  # fmt: skip


@post("/app/profile/notifications", guards=[members_only])
async def save_choices(request: MemberRequest, database: Database) -> Response[Any]:
    form = await request.form()
    chosen = {str(one) for one in form.getall("told", [])}
    async with database.transaction() as tx:
        await choose_ways(tx, request.user, chosen)
    return go_to(request, "/app/profile/notifications?saved=1")


_WAYS: Final = {
    Way.PAGE: say("In the list of the bell"),
    Way.PUSH: say("By the browser"),
    Way.EMAIL: say("By e-mail, while I am away"),
}


handlers: list[Any] = [
    list_notifications, count_notifications, tell_fresh, look_at_conversation, read_all, open_notification, show_choices,
    save_choices,
]  # fmt: skip
