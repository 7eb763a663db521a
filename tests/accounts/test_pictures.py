"""Pictures of people: sent on the profile, seen by colleagues and contacts, swept when replaced."""

import struct
import zlib

import pytest

from recado.conversations.uploading import unheld
from recado.db.database import Database
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.people import Cast, a_contact, a_conversation


def png(size: int = 0) -> bytes:
    """A picture of one violet dot, with so many bytes more."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checked)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"\0\x4f\x46\xc8"))]
    return b"\x89PNG\r\n\x1a\n" + b"".join([*parts, chunk(b"IEND", b"")]) + b"\0" * size


async def send(browser: Browser, content: bytes, name: str = "me.png") -> int:
    files = [("picture", (name, content, "image/png"))]
    return (await browser.post("/app/profile/picture", {}, files=files)).status_code


@pytest.fixture
def api(visitor: Browser, cast: Cast) -> Program:
    """Ana's program."""
    return programs(visitor, cast)[0]


async def picture_of_beto(api: Program) -> str:
    """Its path; "" for none."""
    agents = await api.get("agents")
    [url] = [one["thumbnail"] for one in agents if one["name"] == "Beto Reis"]
    return "/public" + str(url).partition("/public")[2] if url else ""


async def test_a_picture_is_seen_by_everybody_who_has_its_address(
    api: Program, ana: Browser, beto: Browser, visitor: Browser
) -> None:
    assert await send(beto, png()) == 303
    path = await picture_of_beto(api)
    answer = await visitor.get(path)
    assert (answer.status_code, answer.content) == (200, png())
    assert answer.headers["content-type"] == "image/png"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert path in (await ana.get("/app/agents")).text
    assert path in (await beto.get("/app/profile")).text


async def test_messages_carry_their_writers_picture(
    api: Program, beto: Browser, cast: Cast, database: Database
) -> None:
    async with database.transaction() as tx:
        await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))
    await send(beto, png())
    theirs = Program(api.browser, cast.beto_token, cast.account.id)
    sent = await theirs.post("conversations/1/messages", {"content": "Hi"})
    assert sent["sender"]["thumbnail"].endswith(await picture_of_beto(api))
    assert sent["sender"]["avatar_url"] == sent["sender"]["thumbnail"]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "", "Choose a picture."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "me.png", "PNG, JPEG, GIF or WebP"),
        (png(1024 * 1024), "me.png", "at most 1 MB"),
    ],
    ids=["nothing", "a drawing with scripts", "too large"],
)
async def test_what_is_no_picture_is_refused(
    api: Program, beto: Browser, content: bytes, name: str, said: str
) -> None:
    files = [("picture", (name, content, "image/png"))]
    answer = await beto.post("/app/profile/picture", {}, files=files)
    assert answer.status_code == 422
    assert said in answer.text
    assert await picture_of_beto(api) == ""


async def test_what_was_replaced_or_removed_is_held_by_nobody(
    api: Program, beto: Browser, visitor: Browser, database: Database
) -> None:
    await send(beto, png())
    first = await picture_of_beto(api)
    await send(beto, png(1))
    second = await picture_of_beto(api)
    keys = [one.rpartition("/")[2] for one in (first, second)]
    async with database.transaction() as tx:
        assert await unheld(tx, keys) == keys[:1]
    assert (await visitor.get(first)).status_code == 404
    await beto.post("/app/profile/picture", {"remove": "true"})
    assert await picture_of_beto(api) == ""
    assert (await visitor.get(second)).status_code == 404


@pytest.mark.parametrize("key", ["x", "..%2f..%2fsecret.key", "a" * 32])
async def test_a_key_that_nobody_has(visitor: Browser, cast: Cast, key: str) -> None:
    assert (await visitor.get(f"/public/avatars/{key}")).status_code == 404
