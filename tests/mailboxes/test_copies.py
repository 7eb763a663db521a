"""Who gets a copy of an answer: those of the letter, whom its writer chose, and nobody by accident."""

from typing import Any

import pytest
from sqlalchemy import select

from recado.conversations.correcting import delete_message, find_message
from recado.conversations.finding import find_conversation_by_id
from recado.conversations.models import Message
from recado.deliveries.delivering import Outbound
from recado.erasing.tracing import is_written_in
from recado.events.causes import BY_SYSTEM
from recado.mail.models import Email
from tests.browser import Browser
from tests.mailboxes.conftest import ADDRESS, Place, a_letter
from tests.mailboxes.test_answering import email_of, send
from tests.mailboxes.test_arriving import answer, take
from tests.people import NOW, Cast, a_contact
from tests.post_office import PostOffice

WITH_JOE = "Joe <joe@example.com>"


async def reply(beto: Browser, place: Place, **fields: str) -> Message:
    """Beto answers on the desk; the newest message."""
    talk = (await place.conversations())[-1]
    form = {"content": "It left today.", "kind": "reply", **fields}
    done = await beto.post(f"/app/conversations/{talk.display_id}/messages", form)
    assert done.status_code == 303, done.text
    return (await place.messages())[-1]


async def composer(beto: Browser, place: Place) -> str:
    talk = (await place.conversations())[-1]
    page = (await beto.get(f"/app/conversations/{talk.display_id}")).text
    return page[page.index('<div class="reach">') : page.index("<composer-picker")]


async def test_a_reply_keeps_who_was_in_cc(
    place: Place, beto: Browser, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi", cc=f"{WITH_JOE}, {ADDRESS}, Maria <maria@example.com>"))
    shown = await composer(beto, place)
    assert "maria@example.com" in shown
    assert 'value="joe@example.com"' in shown
    ours = await reply(beto, place)
    assert ours.content_attributes == {"cc_emails": ["joe@example.com"], "bcc_emails": []}
    await send(place, outbound)
    assert smtp.letters[0]["Cc"] == "joe@example.com"
    assert smtp.taken_for == [["maria@example.com", "joe@example.com"]]


async def test_an_open_page_asks_whom_a_reply_reaches_by_now(place: Place, beto: Browser) -> None:
    await take(place, a_letter("Hi", cc=WITH_JOE))
    talk = (await place.conversations())[-1]
    reach = await beto.get(
        f"/app/conversations/{talk.display_id}/reach", headers={"HX-Request": "true"}
    )
    assert 'value="joe@example.com"' in reach.text
    assert "<form" not in reach.text


async def test_outside_of_e_mail_nobody_is_reached_by_copy(beto: Browser, cast: Cast) -> None:
    assert (await beto.get("/app/conversations/1/reach")).status_code == 404


async def test_who_answers_all_is_answered_too(place: Place, beto: Browser, cast: Cast) -> None:
    await take(place, a_letter("Hi", cc=WITH_JOE))
    ours = await answer(place, cast)
    again = a_letter("Me too", sender=WITH_JOE, in_reply_to=f"<{ours.source_id}>")
    await take(place, again)
    shown = await composer(beto, place)
    assert "maria@example.com" in shown
    assert 'value="joe@example.com"' in shown


async def test_it_goes_to_whom_one_chooses_and_nobody_sees_bcc(
    place: Place, beto: Browser, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi", cc=WITH_JOE))
    await reply(beto, place, cc_emails="Eva <eva@example.com>", bcc_emails="boss@acme.example")
    await send(place, outbound)
    [letter] = smtp.letters
    assert (letter["Cc"], letter["Bcc"]) == ("eva@example.com", None)
    assert "boss@" not in letter.as_string()
    assert smtp.taken_for == [["maria@example.com", "eva@example.com", "boss@acme.example"]]
    thread = (await beto.get("/app/conversations/1")).text
    assert "BCC: <span data-theirs>boss@acme.example</span>" in thread


async def test_who_was_taken_out_stays_out_until_the_next_letter(
    place: Place, beto: Browser
) -> None:
    await take(place, a_letter("Hi", cc=WITH_JOE))
    ours = await reply(beto, place, cc_emails="", bcc_emails="boss@acme.example")
    shown = await composer(beto, place)
    assert "joe@" not in shown
    assert "boss@" not in shown
    await take(place, a_letter("And now?", cc=WITH_JOE, in_reply_to=f"<{ours.source_id}>"))
    assert "joe@example.com" in await composer(beto, place)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cc_emails": "joe@"}, "is no e-mail address"),
        ({"cc_emails": "a@x.com\r\nBcc: victim@x.com"}, "“Bcc: victim@x.com” is no e-mail address"),
        ({"cc_emails": "", "bcc_emails": "x"}, "“x” is no e-mail address"),
        (
            {"cc_emails": ",".join(f"p{number}@x.com" for number in range(100))},
            "at most 50 people in CC and BCC. These are 100",
        ),
    ],
    ids=["none", "injection", "bcc", "a hundred"],
)
async def test_what_is_wrong_is_said_and_nothing_is_sent(
    place: Place, beto: Browser, fields: dict[str, str], sentence: str
) -> None:
    await take(place, a_letter("Hi"))
    form = {"content": "Precious words", "kind": "reply", **fields}
    for is_htmx in (True, False):
        refused = await beto.post("/app/conversations/1/messages", form, htmx=is_htmx)
        assert refused.status_code == 422
        assert sentence in refused.text
    assert "Precious words" in refused.text  # the page without scripts keeps what was typed
    assert len(await place.messages()) == 1


async def test_a_note_asks_for_no_address(place: Place, beto: Browser) -> None:
    await take(place, a_letter("Hi"))
    note = await reply(beto, place, kind="note", cc_emails="half an addr")
    assert (note.private, note.content_attributes) == (True, {})


async def test_a_refused_copy_is_told_and_the_answer_is_sent(
    place: Place, beto: Browser, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi"))
    ours = await reply(beto, place, cc_emails="refused@example.com, joe@example.com")
    await send(place, outbound)
    assert smtp.taken_for == [["maria@example.com", "joe@example.com"]]
    email = await email_of(place, ours.id)
    assert email.state == "sent"
    assert email.said.startswith("refused@example.com: 550 5.1.1")
    thread = (await beto.get("/app/conversations/1")).text
    assert "Sent, but not to everybody: refused@example.com: 550 5.1.1" in thread


async def test_nobody_gets_a_copy_of_what_its_recipient_did_not_get(
    place: Place, beto: Browser, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi", sender="later@example.com"))
    ours = await reply(beto, place, cc_emails="joe@example.com")
    await send(place, outbound)
    assert smtp.letters == []
    assert (await email_of(place, ours.id)).state == "pending"


async def test_what_no_person_wrote_goes_to_the_contact_alone(
    place: Place, cast: Cast, outbound: Outbound, smtp: PostOffice
) -> None:
    await take(place, a_letter("Hi", cc=WITH_JOE))
    await answer(place, cast)  # as the API posts: without a word of copies
    await send(place, outbound)
    assert smtp.taken_for == [["maria@example.com"]]


async def test_a_deleted_message_forgets_them(place: Place, beto: Browser) -> None:
    await take(place, a_letter("Hi", cc=WITH_JOE))
    ours = await reply(beto, place)
    async with place.database.transaction() as tx:
        talk = await find_conversation_by_id(
            tx, place.inbox.account_id, ours.conversation_id, for_change=True
        )
        assert talk is not None
        found = await find_message(tx, talk, ours.id)
        assert found is not None
        await delete_message(tx, talk, found, cause=BY_SYSTEM, now=NOW)
    assert (await email_of(place, ours.id)).heads == {}


async def test_who_is_erased_is_found_among_copies(place: Place, beto: Browser, cast: Cast) -> None:
    await take(place, a_letter("Hi", cc=WITH_JOE))
    ours = await reply(beto, place)
    async with place.database.transaction() as tx:
        joe = await a_contact(
            tx, cast.account, name="Joe", email="joe@example.com", phone_number=None
        )
        found = await tx.scalars(select(Email.message_id).where(is_written_in(joe)))
        assert list(found) == [ours.id]


@pytest.mark.parametrize(
    "body",
    [
        {"cc_emails": "joe@example.com, eva@example.com", "bcc_emails": "boss@acme.example"},
        {"cc_emails": ["joe@example.com", "eva@example.com"], "bcc_emails": ["boss@acme.example"]},
        {
            "content_attributes": {
                "cc_emails": ["joe@example.com", "eva@example.com"],
                "bcc_emails": ["boss@acme.example"],
            }
        },
    ],
    ids=["text", "lists", "attributes"],
)
async def test_programs_name_them_as_elsewhere(
    place: Place, ana: Browser, cast: Cast, outbound: Outbound, smtp: PostOffice,
    body: dict[str, Any],
) -> None:  # fmt: skip
    await take(place, a_letter("Hi"))
    path = f"/api/v1/accounts/{cast.account.id}/conversations/1/messages"
    posted = await ana.api("POST", path, cast.ana_token, {"content": "Yes", **body})
    assert posted.json()["content_attributes"] == {
        "cc_emails": ["joe@example.com", "eva@example.com"],
        "bcc_emails": ["boss@acme.example"],
    }
    await send(place, outbound)
    assert len(smtp.taken_for[0]) == 4


async def test_programs_are_told_what_is_wrong(place: Place, ana: Browser, cast: Cast) -> None:
    await take(place, a_letter("Hi"))
    path = f"/api/v1/accounts/{cast.account.id}/conversations/1/messages"
    for body in ({"cc_emails": "x\r\nBcc: y@z.com"}, {"content_attributes": {"cc_emails": [1]}}):
        refused = await ana.api("POST", path, cast.ana_token, {"content": "Yes", **body})
        assert refused.status_code == 422
        assert "is no e-mail address" in refused.text
    assert len(await place.messages()) == 1
