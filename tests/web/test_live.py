"""What a page is told from the moment it listens, and what it missed while it was loading."""

from recado.web.live import Live


async def test_a_page_hears_what_changed_while_it_was_loading() -> None:
    live = Live()
    for number in (12, 12, 13):
        live.hear(f'{{"account": 1, "what": "conversation", "id": {number}}}')
    live.hear('{"account": 2, "what": "action"}')
    stream = live.stream(1)
    heard = [await anext(stream) for _ in range(3)]
    assert heard[0].startswith(b"retry:")
    assert heard[1] == b"event: changed\ndata: conversations conversation:12\n\n"
    assert heard[2] == b"event: changed\ndata: conversations conversation:13\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_delivery_is_named_as_pages_name_it() -> None:
    live = Live()
    stream = live.stream(1)
    await anext(stream)
    live.hear('{"account": 1, "what": "delivery"}')
    assert await anext(stream) == b"event: changed\ndata: deliveries\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_after_a_pause_every_page_looks_at_everything() -> None:
    live = Live()
    stream = live.stream(1)
    await anext(stream)
    live.hear("")
    assert await anext(stream) == b"event: changed\ndata: everything\n\n"
    await stream.aclose()  # type: ignore[attr-defined]
