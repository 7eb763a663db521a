"""What a page is told from the moment it listens, and what it missed while it was loading."""

import asyncio
from contextlib import AsyncExitStack
from time import time

import pytest

from recado.web.live import Live
from recado.web.wires import Wire, framed
from tests.web.wiring import connected, listening

EVERYTHING = b"event: changed\ndata: everything\n\n"
STILL_HERE = b": still here\n\n"
FEW = 5  # pages may ask at once
VERY_MANY = 300
TYPING = '{"account": 1, "what": "typing", "id": 12, "by": "user:5", "name": "Ana", "on": true}'


async def test_a_page_hears_what_changed_while_it_was_loading() -> None:
    live = Live()
    for number in (12, 12, 13):
        live.hear(f'{{"account": 1, "what": "conversation", "id": {number}}}')
    live.hear('{"account": 2, "what": "action"}')
    async with listening(live, 1) as page:
        assert await page.chunk() == b"event: changed\ndata: conversations conversation:12\n\n"
        assert await page.chunk() == b"event: changed\ndata: conversations conversation:13\n\n"
        assert await page.is_silent()


async def test_a_page_hears_nothing_that_it_was_drawn_after() -> None:
    live = Live()
    live.hear('{"account": 1, "what": "action"}')
    for drawn_at, is_told in ((time() + 60, False), (time() - 60, True)):  # no test waits a minute
        async with listening(live, 1, drawn_at=drawn_at) as page:
            assert await page.is_silent() is not is_told


async def test_what_begins_again_remembers_nothing() -> None:
    live = Live()
    live.hear('{"account": 1, "what": "action"}')
    live.close()
    live.open()
    async with listening(live, 1) as page:
        assert await page.is_silent()
        live.hear('{"account": 1, "what": "rule"}')
        assert await page.chunk() == b"event: changed\ndata: rules\n\n"


async def test_nobody_hears_of_their_own_look() -> None:
    live = Live()
    look = b"event: changed\ndata: looks look:12\n\n"
    async with listening(live, 1, 5) as own, listening(live, 1, 6) as other:
        live.hear('{"account": 1, "what": "look", "id": 12, "not_for": 5}')
        assert await other.chunk() == look
        assert await own.is_silent()
    async with listening(live, 1, 5) as own, listening(live, 1, 6) as other:  # nor a moment later
        assert await other.chunk() == look
        assert await own.is_silent()


@pytest.mark.parametrize(
    ("about", "names"),
    [
        ("", b"deliveries calls"),  # whose, nobody says
        (', "conversations": []', b"deliveries"),
        (', "conversations": [3, 12]', b"deliveries calls:3 calls:12"),
    ],
)
async def test_a_delivery_is_named_as_pages_name_it(about: str, names: bytes) -> None:
    live = Live()
    async with listening(live, 1) as page:
        live.hear(f'{{"account": 1, "what": "delivery"{about}}}')
        assert await page.chunk() == b"event: changed\ndata: " + names + b"\n\n"


async def test_of_many_pages_each_is_told_how_long_all_take_in_turns() -> None:
    live = Live()
    async with AsyncExitStack() as open_pages:
        enter = open_pages.enter_async_context
        few = [await enter(listening(live, 1)) for _ in range(FEW)]
        await enter(listening(live, 2))  # of another account: not counted
        one_more = await enter(listening(live, 1))
        assert await one_more.chunk() == b"event: pace\ndata: 40\n\n"
        await live.turn()
        for page in few:
            assert await page.chunk() == b"event: pace\ndata: 40\n\n"
            assert await page.chunk() == STILL_HERE
        await live.turn()
        assert await few[0].is_silent()  # it knows
    async with listening(live, 1) as page:  # the others have gone
        assert await page.is_silent()
        await live.turn()
        assert await page.chunk() == b"event: pace\ndata: 0\n\n"


async def test_very_many_pages_look_now_and_then() -> None:
    live = Live()
    async with AsyncExitStack() as open_pages:
        for _ in range(VERY_MANY):
            last = await open_pages.enter_async_context(listening(live, 1))
        assert await last.chunk() == b"event: pace\ndata: 10000\n\n"


async def test_all_pages_of_an_account_hear_it_and_no_other() -> None:
    live = Live()
    async with listening(live, 1, 5) as one, listening(live, 1, 6) as two, listening(live, 2) as of:
        live.hear('{"account": 1, "what": "action"}')
        assert await one.chunk() == await two.chunk() == b"event: changed\ndata: actions\n\n"
        assert await of.is_silent()


async def test_after_a_pause_every_page_looks_at_everything() -> None:
    live = Live()
    async with listening(live, 1) as page:
        live.hear("")
        assert await page.chunk() == EVERYTHING


async def test_typing_is_told_at_once_and_never_later() -> None:
    live = Live()
    live.hear(TYPING)  # nobody listens yet
    async with listening(live, 1) as page:
        live.hear(TYPING)
        told = await page.chunk()
        assert told.startswith(b"event: typing\ndata: {")
        assert b'"name":"Ana"' in told
        live.hear('{"account": 1, "what": "action"}')
        assert await page.chunk() == b"event: changed\ndata: actions\n\n"


async def test_a_silent_page_gets_a_sign_so_that_no_proxy_cuts_it() -> None:
    live = Live()
    async with listening(live, 1) as page:
        await live.turn()
        assert await page.chunk() == STILL_HERE
        await live.turn()
        assert await page.is_silent()  # not yet again


async def test_a_stop_ends_every_stream() -> None:
    live = Live()
    async with connected() as ends:
        stream = live.stream(1, 5, ends.transport)
        await anext(stream)
        rest = asyncio.ensure_future(anext(stream, "ended"))
        await asyncio.sleep(0)
        live.close()
        assert await rest == "ended"
    assert live.people() == set()


async def test_it_is_known_whose_pages_listen() -> None:
    live = Live()
    async with listening(live, 2, 7):
        async with listening(live, 1, 5):
            async with listening(live, 1, 5):
                assert live.people() == {(1, 5), (2, 7)}
            assert live.people() == {(1, 5), (2, 7)}
        assert live.people() == {(2, 7)}
    assert live.people() == set()


async def test_a_page_that_does_not_read_is_told_once_to_look_at_everything() -> None:
    line = framed(b"event: changed\ndata: " + b"x" * 4_000 + b"\n\n")
    async with connected() as ends:
        wire = Wire(ends.transport)
        told = 0
        while not wire.is_behind:
            wire.tell(line)
            told += 1
        waits = ends.transport.get_write_buffer_size()
        for _ in range(100):
            wire.tell(line)
        wire.catch_up(framed(EVERYTHING))  # too early: it still does not read
        assert ends.transport.get_write_buffer_size() == waits
        for _ in range(told - 1):  # the one that made it late was not told
            await ends.chunk()
        wire.catch_up(framed(EVERYTHING))
        assert not wire.is_behind
        wire.tell(framed(b"news\n\n"))
        assert [await ends.chunk(), await ends.chunk()] == [EVERYTHING, b"news\n\n"]


async def test_a_page_that_has_gone_is_told_nothing() -> None:
    async with connected() as ends:
        wire = Wire(ends.transport)
        ends.transport.close()
        wire.tell(framed(b"news\n\n"))
        wire.catch_up(framed(EVERYTHING))
        assert await ends.reader.read() == b""


@pytest.mark.parametrize("size", [1, 9, 10, 255, 4096])
async def test_a_chunk_says_how_long_it_is(size: int) -> None:
    async with connected() as ends:
        ends.transport.write(framed(b"n" * size))
        assert await ends.chunk() == b"n" * size
