"""Files in the reply form: what a message carries, and how the thread shows it."""

import pytest
from sqlalchemy import select

from recado.conversations.models import Attachment, Message
from recado.db.database import Database
from recado.lib.files import LARGEST, MOST
from tests.browser import Browser, Files

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
EMPTY_FIELD = ("attachments", ("", b"", "application/octet-stream"))  # as browsers send it


def chosen(*names: str, kind: str = "image/png") -> Files:
    return [("attachments", (name, PNG, kind)) for name in names]


async def posted(database: Database) -> list[tuple[str, list[str]]]:
    """Every message of people, with the names of its files."""
    async with database.transaction() as tx:
        query = select(Message).where(Message.sender_user_id.is_not(None)).order_by(Message.id)
        messages = list(await tx.scalars(query))
        files = list(await tx.scalars(select(Attachment).order_by(Attachment.id)))
    return [(m.content, [f.name for f in files if f.message_id == m.id]) for m in messages]


@pytest.mark.parametrize("htmx", [True, False])
async def test_files_go_with_the_text(
    beto: Browser, number: int, database: Database, htmx: bool
) -> None:
    path, form = f"/app/conversations/{number}/messages", {"content": "Here", "kind": "reply"}
    answer = await beto.post(path, form, htmx=htmx, files=chosen("a.png", "b.png"))
    assert answer.status_code == (200 if htmx else 303)
    assert await posted(database) == [("Here", ["a.png", "b.png"])]


async def test_a_file_needs_no_text_and_stands_in_list_and_thread(
    beto: Browser, visitor: Browser, number: int, database: Database
) -> None:
    path = f"/app/conversations/{number}"
    await beto.post(f"{path}/messages", {"content": "", "kind": "note"}, files=chosen("map.png"))
    assert await posted(database) == [("", ["map.png"])]
    async with database.transaction() as tx:
        [file] = await tx.scalars(select(Attachment))
    page = (await beto.get(f"{path}?tab=all")).text
    assert f'<img src="{file.path}" alt="map.png"' in page
    assert 'aria-label="File"' in page  # in the list beside
    assert (await beto.get(file.path)).content == PNG


@pytest.mark.parametrize(
    ("name", "kind", "drawn"),
    [
        ("a.webp", "image/webp", "<img"),
        ("a.svg", "image/svg+xml", 'class="file"'),  # may hold scripts: only to be saved
        ("a.tiff", "image/tiff", 'class="file"'),  # no browser draws it
        ("a.mp3", "audio/mpeg", "<audio controls"),
        ("a.mp4", "video/mp4", "<video controls"),
        ("a.pdf", "application/pdf", 'class="file"'),
    ],
)
async def test_how_a_file_is_drawn(
    beto: Browser, number: int, name: str, kind: str, drawn: str
) -> None:
    path = f"/app/conversations/{number}"
    await beto.post(
        f"{path}/messages", {"content": "", "kind": "reply"}, files=chosen(name, kind=kind)
    )
    thread = (await beto.get(f"{path}/messages", headers={"hx-request": "true"})).text
    assert drawn in thread
    assert name in thread


async def test_an_empty_field_of_files_is_no_file(
    beto: Browser, number: int, database: Database
) -> None:
    path = f"/app/conversations/{number}/messages"
    await beto.post(path, {"content": "Only words", "kind": "reply"}, files=[EMPTY_FIELD])
    assert await posted(database) == [("Only words", [])]
    refused = await beto.post(path, {"content": " ", "kind": "reply"}, files=[EMPTY_FIELD])
    assert refused.status_code == 422


async def test_too_many_files_are_refused_and_the_text_stays(
    beto: Browser, number: int, database: Database
) -> None:
    names = [f"{one}.png" for one in range(MOST + 1)]
    path = f"/app/conversations/{number}/messages"
    answer = await beto.post(path, {"content": "All of it", "kind": "reply"}, files=chosen(*names))
    assert answer.status_code == 422
    assert "Attach at most 15 files." in answer.text
    assert "All of it</textarea>" in answer.text
    assert await posted(database) == []


async def test_too_large_a_file_is_refused(beto: Browser, number: int, database: Database) -> None:
    huge: Files = [("attachments", ("a.bin", b"\0" * (LARGEST + 2**20), "application/zip"))]
    form = {"content": "", "kind": "reply"}
    answer = await beto.post(f"/app/conversations/{number}/messages", form, htmx=True, files=huge)
    assert answer.status_code == 413
    assert await posted(database) == []


async def test_strangers_fill_no_store(celia: Browser, number: int, database: Database) -> None:
    path = f"/app/conversations/{number}/messages"
    answer = await celia.post(path, {"content": "", "kind": "reply"}, files=chosen("a.png"))
    assert answer.status_code == 404
    assert await posted(database) == []
