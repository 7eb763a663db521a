"""What a page is told from the moment it listens, and what it missed while it was loading."""

from recado.web.live import Live


async def test_a_page_hears_what_changed_while_it_was_loading() -> None:
    live = Live()
    for number in (12, 12, 13):
        live.hear(f'{{"account": 1, "what": "conversation", "id": {number}}}')
    live.hear('{"account": 2, "what": "action"}')
    stream = live.stream(1, 5)
    heard = [await anext(stream) for _ in range(3)]
    assert heard[0].startswith(b"retry:")
    assert heard[1] == b"event: changed\ndata: conversations conversation:12\n\n"
    assert heard[2] == b"event: changed\ndata: conversations conversation:13\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_delivery_is_named_as_pages_name_it() -> None:
    live = Live()
    stream = live.stream(1, 5)
    await anext(stream)
    live.hear('{"account": 1, "what": "delivery"}')
    assert await anext(stream) == b"event: changed\ndata: deliveries\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_after_a_pause_every_page_looks_at_everything() -> None:
    live = Live()
    stream = live.stream(1, 5)
    await anext(stream)
    live.hear("")
    assert await anext(stream) == b"event: changed\ndata: everything\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_typing_is_told_at_once_and_never_later() -> None:
    live = Live()
    typing = (
        b'{"account": 1, "what": "typing", "id": 12, "by": "user:5", "name": "Ana", "on": true}'
    )
    live.hear(typing.decode())  # nobody listens yet
    stream = live.stream(1, 6)
    await anext(stream)
    live.hear(typing.decode())
    told = await anext(stream)
    assert told.startswith(b"event: typing\ndata: {")
    assert b'"name":"Ana"' in told
    live.hear('{"account": 1, "what": "action"}')
    assert await anext(stream) == b"event: changed\ndata: actions\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_it_is_known_whose_pages_listen() -> None:
    live = Live()
    streams = [live.stream(*whom) for whom in ((1, 5), (1, 5), (2, 7))]
    for stream in streams:
        await anext(stream)
    assert live.people() == {(1, 5), (2, 7)}
    await streams[0].aclose()  # type: ignore[attr-defined]
    assert live.people() == {(1, 5), (2, 7)}
    await streams[1].aclose()  # type: ignore[attr-defined]
    assert live.people() == {(2, 7)}
    await streams[2].aclose()  # type: ignore[attr-defined]
