"""Files of messages: sent as Evolution API and others send them, read without a token."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from recado.app import Parts, create_app
from recado.db.database import Database
from recado.deliveries.delivering import Outbound
from recado.lib.buckets import bucket
from recado.opening import open_store
from recado.settings import Settings
from tests.api.calling import Program, programs
from tests.browser import Browser
from tests.lib.storage import address, storage
from tests.people import Cast, a_contact, a_conversation

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
MULTIPART = "multipart/form-data; boundary=b"
Part = tuple[str, str, bytes]  # the name, what follows it, the content


@pytest.fixture
async def chat(database: Database, cast: Cast) -> None:
    """A conversation to write in."""
    async with database.transaction() as tx:
        await a_conversation(tx, cast.inbox, await a_contact(tx, cast.account))


def body(*parts: Part) -> bytes:
    """A multipart body, byte for byte as form-data libraries write it."""
    lines = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content
        for name, more, content in parts
    ]
    return b"\r\n".join([*lines, b"--b--\r\n"])


def file(name: str, kind: str, content: bytes) -> Part:
    """A part with a file."""
    return ("attachments[]", f'; filename="{name}"\r\nContent-Type: {kind}', content)


async def sent(api: Program, *parts: Part) -> Any:
    answer = await api.send("POST", "conversations/1/messages", body(*parts), MULTIPART)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read(visitor: Browser, attachment: Any) -> Any:
    return await visitor.get(urlsplit(attachment["data_url"]).path)


@pytest.mark.usefixtures("chat")
async def test_a_file_arrives_and_is_read_without_a_token(
    api: Program, visitor: Browser, settings: Settings
) -> None:
    made = await sent(
        api,
        ("content", "", "Olá 😀".encode()),
        ("message_type", "", b"incoming"),
        ("private", "", b"false"),
        ("content_attributes", "", b'{"in_reply_to": 3}'),
        file("foto.png", "image", PNG),  # Evolution sends a bare word
        file("doc.pdf", "application/pdf", b"%PDF-1.4"),
    )
    picture, document = made["attachments"]
    assert (picture["file_type"], document["file_type"]) == ("image", "file")
    assert (picture["file_size"], picture["message_id"]) == (len(PNG), made["id"])
    assert picture["data_url"].startswith(settings.public_url)
    assert picture["data_url"].endswith("/foto.png")
    assert document["thumb_url"] == ""
    shown = await read(visitor, picture)
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert shown.headers["content-disposition"].startswith("inline")
    [listed] = (await api.get("conversations/1/messages"))["payload"]
    assert listed["attachments"] == made["attachments"]
    assert listed["content_attributes"] == {"in_reply_to": 3}


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("page.html", "text/html"),
        ("picture.svg", "image/svg+xml"),
        ("picture.svg", "image"),
        ("page.xhtml", "application/xhtml+xml"),
        ("script.js", "text/javascript"),
        ("page.pdf", "application/pdf"),
        ("x", "image/png\r\nX: y"),
    ],
)
async def test_nothing_that_is_sent_runs_as_a_page_of_ours(
    api: Program, visitor: Browser, name: str, kind: str
) -> None:
    made = await sent(api, file(name, kind, b"<script>alert(1)</script>"))
    answer = await read(visitor, made["attachments"][0])
    assert answer.content == b"<script>alert(1)</script>"
    is_harmless = answer.headers["content-type"] == "image/png"
    assert is_harmless or answer.headers["content-type"] == "application/octet-stream"
    assert is_harmless or answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]


@pytest.mark.usefixtures("chat")
async def test_a_player_gets_the_part_it_asks_for(api: Program, visitor: Browser) -> None:
    made = await sent(api, file("a.mp4", "video/mp4", b"0123456789"))
    path = urlsplit(made["attachments"][0]["data_url"]).path
    whole = await visitor.get(path)
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    part = await visitor.get(path, headers={"range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    assert part.headers["content-length"] == "3"
    beyond = await visitor.get(path, headers={"range": "bytes=10-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */10")


@pytest.mark.usefixtures("chat")
async def test_files_in_a_bucket_are_read_the_same_way(
    database: Database, outbound: Outbound, cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "kept").mkdir()
    async with storage(tmp_path / "kept") as port:
        elsewhere = replace(settings, bucket=bucket(address(port)))
        async with (
            open_store(elsewhere) as store,
            Browser(create_app(Parts(elsewhere, database, outbound, store))) as visitor,
        ):
            api, _, _ = programs(visitor, cast)
            made = await sent(api, file("page.html", "text/html", b"<script>alert(1)</script>"))
            path = urlsplit(made["attachments"][0]["data_url"]).path
            shown = await visitor.get(path)
            assert shown.content == b"<script>alert(1)</script>"
            assert shown.headers["content-disposition"] == 'attachment; filename="page.html"'
            assert "sandbox" in shown.headers["content-security-policy"]
            assert (await visitor.get(path, headers={"range": "bytes=1-6"})).content == b"script"
            await api.call("DELETE", f"conversations/1/messages/{made['id']}")
            assert (await visitor.get(path)).status_code == 404
    assert [one for one in (tmp_path / "kept").rglob("*") if one.is_file()] == []


@pytest.mark.usefixtures("chat")
async def test_nothing_is_stored_while_the_storage_is_away(
    database: Database, outbound: Outbound, cast: Cast, settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("recado.lib.bucket_storing._WAITS", ())
    away = replace(settings, bucket=bucket(address(1)))
    async with (
        open_store(away) as store,
        Browser(create_app(Parts(away, database, outbound, store))) as visitor,
    ):
        api, _, _ = programs(visitor, cast)
        refused = await api.send(
            "POST", "conversations/1/messages", body(file("a.png", "image/png", PNG)), MULTIPART
        )
        assert (refused.status_code, refused.headers["retry-after"]) == (502, "5")
        assert "storage" in refused.json()["error"]
        assert (await api.get("conversations/1/messages"))["payload"] == []


@pytest.mark.usefixtures("chat")
async def test_a_message_is_taken_back_while_the_storage_is_away(
    api: Program, database: Database, outbound: Outbound, cast: Cast, settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    made = await sent(api, file("a.png", "image/png", PNG))
    monkeypatch.setattr("recado.lib.bucket_storing._WAITS", ())
    away = replace(settings, bucket=bucket(address(1)))
    async with (
        open_store(away) as store,
        Browser(create_app(Parts(away, database, outbound, store))) as visitor,
    ):
        there, _, _ = programs(visitor, cast)
        answer = await there.call("DELETE", f"conversations/1/messages/{made['id']}")
        assert answer.status_code == 200
        [kept] = (await there.get("conversations/1/messages"))["payload"]
        assert kept["content_attributes"]["deleted"] is True
        assert "attachments" not in kept


@pytest.mark.usefixtures("chat")
async def test_head_tells_size_and_type_without_the_file(api: Program, visitor: Browser) -> None:
    made = await sent(api, file("a.png", "image/png", PNG))
    path = urlsplit(made["attachments"][0]["data_url"]).path
    told = await visitor._client.head(path)
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["content-length"] == str(len(PNG))
    assert told.headers["content-type"] == "image/png"
    assert (await visitor._client.head(path[:-1])).status_code == 404


@pytest.mark.usefixtures("chat")
async def test_a_file_needs_no_text_and_no_good_name(api: Program, visitor: Browser) -> None:
    made = await sent(api, file("../../etc/pass wd?.jpg", "image/jpeg", b"x"))
    assert made["content"] == ""
    assert made["attachments"][0]["data_url"].endswith("/pass%20wd_.jpg")
    assert (await read(visitor, made["attachments"][0])).content == b"x"
    made = await sent(api, file("áudio", "audio/ogg", b"x"))
    assert made["attachments"][0]["file_type"] == "audio"
    assert (await read(visitor, made["attachments"][0])).status_code == 200


@pytest.mark.usefixtures("chat")
async def test_a_deleted_messages_files_are_gone(api: Program, visitor: Browser) -> None:
    made = await sent(api, file("a.png", "image/png", PNG))
    await api.call("DELETE", f"conversations/1/messages/{made['id']}")
    assert (await read(visitor, made["attachments"][0])).status_code == 404
    [kept] = (await api.get("conversations/1/messages"))["payload"]
    assert "attachments" not in kept


@pytest.mark.usefixtures("chat")
async def test_a_guess_reads_nothing(api: Program, visitor: Browser) -> None:
    made = await sent(api, file("a.png", "image/png", PNG))
    path = urlsplit(made["attachments"][0]["data_url"]).path
    for other in (path[:-1], path.replace("/a.png", "/b.png"), "/public/attachments/..%2f..%2f/x"):
        assert (await visitor.get(other)).status_code == 404


@pytest.mark.usefixtures("chat")
async def test_too_many_files_and_no_files_are_refused(api: Program) -> None:
    many = body(*(file(f"{n}.png", "image/png", PNG) for n in range(16)))
    answer = await api.send("POST", "conversations/1/messages", many, MULTIPART)
    assert (answer.status_code, answer.json()["attributes"]) == (422, ["attachments"])
    answer = await api.call("POST", "conversations/1/messages", {"attachments": ["signed-id"]})
    assert answer.status_code == 422
    assert "multipart" in answer.json()["message"]


@pytest.mark.usefixtures("chat")
async def test_a_large_file_is_taken_and_a_larger_one_refused(api: Program) -> None:
    large = body(file("a.bin", "application/octet-stream", b"x" * (12 * 1024 * 1024)))
    answer = await api.send("POST", "conversations/1/messages", large, MULTIPART)
    assert answer.json()["attachments"][0]["file_size"] == 12 * 1024 * 1024
    larger = body(file("a.bin", "application/octet-stream", b"x" * (42 * 1024 * 1024)))
    answer = await api.send("POST", "conversations/1/messages", larger, MULTIPART)
    assert answer.status_code == 413


@pytest.mark.usefixtures("chat")
async def test_the_desk_shows_pictures_and_links(api: Program, ana: Browser) -> None:
    made = await sent(
        api, file("a.png", "image/png", PNG), file("b<b>.pdf", "application/pdf", b"x")
    )
    page = (await ana.get("/app/conversations/1")).text
    picture, document = (urlsplit(one["data_url"]).path for one in made["attachments"])
    assert f'<img src="{picture}" alt="a.png"' in page
    assert f'href="{document}"' in page
    assert "b_b_.pdf" in page
