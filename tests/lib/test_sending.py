"""One request goes out, one outcome comes back, whatever the other side does."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from recado.lib.addresses import AddressGuard, parse_networks
from recado.lib.answers import LONGEST_KEPT, LONGEST_READ
from recado.lib.outcomes import Failure, Request, RequestHeader, Response, Timing, Trouble
from recado.lib.sending import Sender
from tests.receiver import Receiver

HERE = AddressGuard(parse_networks("127.0.0.0/8 ::1"))
NOBODY_HERE = "http://127.0.0.1:1/"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Sender(guard=HERE, user_agent="Recado/test") as sender:
        yield sender


async def post(sender: Sender, url: str, body: str | None = "{}", **more: Any) -> Any:
    """Send a POST; the tests say which kind of outcome they expect."""
    return await sender.send(Request("POST", url, (), body), secrets={}, **more)


async def get(sender: Sender, url: str) -> Any:
    return await sender.send(Request("GET", url), secrets={}, deadline_seconds=5)


async def test_a_request_arrives_as_it_was_frozen(sender: Sender, receiver: Receiver) -> None:
    headers = (RequestHeader("X-Name", "ação 名前"), RequestHeader("Content-Type", "text/x"))
    request = Request("PATCH", f"{receiver.url}/a%2Fb/é?x=%41+b", headers, "olá")
    outcome = await sender.send(request, secrets={})
    assert isinstance(outcome, Response)
    arrived = receiver.received[0]
    assert (arrived.method, arrived.path) == ("PATCH", "/a%2Fb/%C3%A9?x=%41+b")
    assert arrived.body == "olá".encode()
    assert arrived.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "user-agent": "Recado/test",
        "accept": "*/*",
        "accept-encoding": "identity",
        "x-name": "ação 名前",
        "content-type": "text/x",
        "content-length": "4",
    }


async def test_the_answer_is_told_whole(sender: Sender, receiver: Receiver) -> None:
    receiver.answer(201, b'{"id": 7}', {"X-Odd": "é", "x-odd": "again"})
    outcome = await post(sender, receiver.url)
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.reason, outcome.body) == (201, "As told", b'{"id": 7}')
    assert outcome.headers == (("Content-Length", "9"), ("X-Odd", "é"), ("x-odd", "again"))
    assert (outcome.body_size, outcome.is_cut) == (9, False)


@pytest.mark.parametrize(("body", "length"), [(None, "0"), ("", "0"), ("é", "2")])
async def test_a_body_says_its_length(
    sender: Sender, receiver: Receiver, body: str | None, length: str
) -> None:
    await post(sender, receiver.url, body)
    headers = receiver.received[0].headers
    assert headers["content-length"] == length
    assert "content-type" not in headers
    assert "transfer-encoding" not in headers


async def test_a_request_may_name_its_own_agent(sender: Sender, receiver: Receiver) -> None:
    headers = (RequestHeader("user-agent", "Acme"), RequestHeader("Accept", "text/plain"))
    await sender.send(Request("GET", receiver.url, headers), secrets={})
    assert receiver.received[0].headers["user-agent"] == "Acme"
    assert receiver.received[0].headers["accept"] == "text/plain"


async def test_secrets_are_filled_in_at_the_last_moment(sender: Sender, receiver: Receiver) -> None:
    headers = (
        RequestHeader("Authorization", "Bearer ", secret_id=7),
        RequestHeader("X-Key", "", secret_id=8),
    )
    request = Request("POST", receiver.url, headers)
    await sender.send(request, secrets={7: "s3cret", 8: "schlüssel"})
    assert receiver.received[0].headers["authorization"] == "Bearer s3cret"
    assert receiver.received[0].headers["x-key"] == "schlüssel"


@pytest.mark.parametrize("secrets", [{}, {8: "of another"}, {7: "two\r\nlines"}])
async def test_without_a_usable_secret_nothing_is_sent(
    sender: Sender, receiver: Receiver, secrets: dict[int, str]
) -> None:
    request = Request("POST", receiver.url, (RequestHeader("X-Key", "", secret_id=7),))
    outcome = await sender.send(request, secrets=secrets)
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.SECRET, False)
    assert "lines" not in outcome.detail
    assert receiver.connections == 0


UNSENDABLE = [
    ("GET", "X-A", "one\r\nX-B: two"),  # a second header
    ("GET", "X-A", "one\ntwo"),
    ("GET", "X-A", "one\0two"),
    ("GET", "X-A: b", "c"),
    ("GET", "X A", "b"),
    ("GET", "", "b"),
    ("GET", "Ação", "b"),
    ("GET", "Content-Length", "5"),  # would frame the message another way
    ("GET", "transfer-encoding", "chunked"),
    ("GET", "HOST", "other.example"),
    ("GET", "Connection", "close"),
    ("GET", "Expect", "100-continue"),
    ("GET", "Upgrade", "websocket"),
    ("GET /x HTTP/1.1\r\n", "X-A", "b"),
    ("CONNECT", "X-A", "b"),
    ("", "X-A", "b"),
]


@pytest.mark.parametrize(("method", "name", "value"), UNSENDABLE)
async def test_what_must_not_have_been_rendered_is_our_mistake(
    sender: Sender, receiver: Receiver, method: str, name: str, value: str
) -> None:
    request = Request(method, receiver.url, (RequestHeader(name, value),))
    with pytest.raises(ValueError, match=r"sent|line break") as caught:
        await sender.send(request, secrets={})
    assert "two" not in str(caught.value)  # the value may be a secret
    assert receiver.connections == 0


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://a@127.0.0.1/", "http://127.1/", "x"])
async def test_a_url_with_a_problem_is_our_mistake(sender: Sender, url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|IP"):
        await get(sender, url)


async def test_letters_whose_low_bytes_are_a_line_break_do_no_harm(
    sender: Sender, receiver: Receiver
) -> None:
    headers = (RequestHeader("X-Name", "嘊嘍X-Evil: 1"),)
    await sender.send(Request("GET", receiver.url, headers), secrets={})
    assert receiver.received[0].headers["x-name"] == "嘊嘍X-Evil: 1"
    assert "x-evil" not in receiver.received[0].headers


async def test_an_answer_is_text_that_can_be_stored(sender: Sender, receiver: Receiver) -> None:
    outcome = await post(sender, receiver.url + "/invalid-utf8")
    assert outcome.headers[0] == ("X-Odd", "a\ufffdb")


async def test_an_endless_body_is_cut(sender: Sender, receiver: Receiver) -> None:
    outcome = await post(sender, receiver.url + "/endless-body")
    assert (len(outcome.body), outcome.body_size) == (LONGEST_KEPT, LONGEST_READ)


@pytest.mark.parametrize("size", [LONGEST_KEPT, LONGEST_KEPT + 1, LONGEST_READ, LONGEST_READ + 1])
async def test_a_long_body_is_read_but_not_kept(
    sender: Sender, receiver: Receiver, size: int
) -> None:
    receiver.answer(200, b"x" * size)
    outcome = await post(sender, receiver.url)
    assert len(outcome.body) == LONGEST_KEPT
    assert outcome.body_size == min(size, LONGEST_READ)
    assert outcome.is_cut is (size > LONGEST_KEPT)


async def test_a_connection_is_used_again_after_a_long_body(
    sender: Sender, receiver: Receiver
) -> None:
    receiver.answer(200, b"x" * LONGEST_READ)
    await post(sender, receiver.url)
    await post(sender, receiver.url)
    assert receiver.connections == 1


async def test_a_bomb_counts_as_what_came(sender: Sender, receiver: Receiver) -> None:
    outcome = await post(sender, receiver.url + "/gzip-bomb")
    assert outcome.body_size < LONGEST_READ  # not as what it would have become


async def test_what_is_packed_twice_stays_packed(sender: Sender, receiver: Receiver) -> None:
    outcome = await post(sender, receiver.url + "/gzip-twice")
    assert outcome.body.startswith(b"\x1f\x8b")


async def test_a_redirect_is_an_answer_and_not_followed(sender: Sender, receiver: Receiver) -> None:
    for status in (301, 302, 303, 307, 308):
        receiver.answer_once(status, headers={"Location": f"{receiver.url}/target"})
        outcome = await get(sender, receiver.url + "/start")
        assert isinstance(outcome, Response)
        assert outcome.status == status
    assert receiver.visited == ["/start"] * 5


async def test_cookies_are_never_sent_back(sender: Sender, receiver: Receiver) -> None:
    await get(sender, receiver.url + "/cookie")
    await get(sender, receiver.url)
    assert "cookie" not in receiver.received[1].headers


async def test_proxies_of_the_environment_are_ignored(
    sender: Sender, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, NOBODY_HERE)
    monkeypatch.delenv("no_proxy", raising=False)
    outcome = await get(sender, receiver.url)
    assert isinstance(outcome, Response)
    assert receiver.visited == ["/"]


async def test_a_sender_that_was_not_started_sends_nothing() -> None:
    idle = Sender(guard=HERE, user_agent="t")
    await idle.close()
    with pytest.raises(RuntimeError, match="started"):
        await get(idle, NOBODY_HERE)


# Connections that are kept


async def test_connections_are_kept_and_used_again(sender: Sender, receiver: Receiver) -> None:
    for _ in range(3):
        await post(sender, receiver.url)
    assert receiver.connections == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST"])
async def test_a_request_is_not_repeated_when_a_kept_connection_drops(
    sender: Sender, receiver: Receiver, method: str
) -> None:
    await post(sender, receiver.url)
    outcome = await sender.send(Request(method, receiver.url + "/empty"), secrets={})
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.RESET, True)
    assert receiver.visited == ["/", "/empty"]
    assert receiver.connections == 1


async def test_a_connection_that_was_closed_meanwhile_is_not_used(
    sender: Sender, receiver: Receiver
) -> None:
    for _ in range(5):
        receiver.answer_once(hang_up=True)
        outcome = await post(sender, receiver.url)
        assert isinstance(outcome, Response)
    assert receiver.connections == 5


async def test_a_close_that_the_event_loop_has_not_seen_yet_is_noticed(
    sender: Sender, receiver: Receiver
) -> None:
    await post(sender, receiver.url)
    receiver.hang_up()  # the next line runs before any callback of the connection
    outcome = await post(sender, receiver.url)
    assert isinstance(outcome, Response)
    assert len(receiver.received) == 2


async def test_an_answer_to_nothing_is_not_taken_for_the_next_one(
    sender: Sender, receiver: Receiver
) -> None:
    extra = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    receiver.answer_once(200, b"honest" + extra, {"Content-Length": "6"})
    first = await post(sender, receiver.url)
    receiver.answer(200, b"second")
    second = await post(sender, receiver.url)
    assert (first.body, second.body) == (b"honest", b"second")
    assert receiver.connections == 2


async def test_a_late_answer_to_nothing_closes_the_connection(
    sender: Sender, receiver: Receiver
) -> None:
    await post(sender, receiver.url)
    receiver.say(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
    await asyncio.sleep(0.02)
    receiver.answer(200, b"second")
    outcome = await post(sender, receiver.url)
    assert outcome.body == b"second"


# The guard and DNS


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_by_default_nothing_here_is_reached(receiver: Receiver, host: str) -> None:
    async with Sender(guard=AddressGuard(), user_agent="t") as sender:
        outcome = await post(sender, f"http://{host}:{receiver.port}/")
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.ADDRESS_REFUSED, False)
    assert (outcome.detail, outcome.address) == ("the address is not public", "")
    assert receiver.connections == 0


async def test_a_name_is_reached_where_its_network_is_allowed(
    sender: Sender, receiver: Receiver
) -> None:
    outcome = await post(sender, f"http://localhost:{receiver.port}/")
    assert isinstance(outcome, Response)


async def test_open_and_closed_ports_inside_sound_the_same(receiver: Receiver) -> None:
    async with Sender(guard=AddressGuard(), user_agent="t") as sender:
        opened = await post(sender, receiver.url)
        closed = await post(sender, NOBODY_HERE)
    assert (opened.trouble, opened.detail) == (closed.trouble, closed.detail)


class Names:
    """A name server that answers each question with the next list of addresses."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def look_up(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


REFUSED_ANSWERS = [
    ["10.0.0.1"],
    ["169.254.169.254"],
    ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["fe80::1%lo"],
    ["0.0.0.0"],
    ["::"],
    ["10.0.0.1", "fd00::1"],
]


@pytest.mark.parametrize("addresses", REFUSED_ANSWERS)
async def test_it_is_the_address_that_is_judged_not_the_name(addresses: Sequence[str]) -> None:
    names = Names(addresses)
    async with Sender(guard=HERE, user_agent="t", lookup=names.look_up) as sender:
        outcome = await post(sender, "http://example.com/")
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.ADDRESS_REFUSED, False)
    assert not any(address in outcome.detail for address in addresses)


async def test_a_name_that_changes_its_mind_is_judged_when_connecting(receiver: Receiver) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    guard = AddressGuard(parse_networks("127.0.0.1"))  # 127.0.0.2 is the inside here
    url = f"http://rebind.example:{receiver.port}/"
    async with Sender(guard=guard, user_agent="t", lookup=names.look_up) as sender:
        assert isinstance(await post(sender, url), Response)
    async with Sender(guard=guard, user_agent="t", lookup=names.look_up) as sender:
        outcome = await post(sender, url)
    assert isinstance(outcome, Failure)
    assert outcome.trouble is Trouble.ADDRESS_REFUSED
    assert len(receiver.received) == 1


async def test_of_several_addresses_only_allowed_ones_are_tried() -> None:
    async with (
        Receiver(host="127.0.0.1") as good,
        Receiver(host="127.0.0.2", port=good.port) as bad,
    ):
        names = Names(["127.0.0.2", "127.0.0.1"])
        guard = AddressGuard(parse_networks("127.0.0.1"))
        async with Sender(guard=guard, user_agent="t", lookup=names.look_up) as sender:
            for _ in range(3):
                good.answer_once(hang_up=True)
                outcome = await post(sender, f"http://two.example:{good.port}/")
                assert isinstance(outcome, Response)
                assert outcome.address == "127.0.0.1"
        assert (len(good.received), bad.connections) == (3, 0)
    assert names.asked == 1  # and the answer was kept


async def test_a_name_without_an_address_is_a_trouble_of_dns(sender: Sender) -> None:
    def nothing(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with Sender(guard=HERE, user_agent="t", lookup=nothing) as sender:
        outcome = await post(sender, "http://nowhere.example/")
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.DNS, False)
    assert "not known" in outcome.detail


async def test_a_name_that_hangs_ends_at_the_deadline_and_holds_up_no_other(
    receiver: Receiver,
) -> None:
    loop = asyncio.get_running_loop()
    gate = asyncio.Event()

    def slow(host: str, port: int) -> Sequence[str]:
        if host.startswith("slow"):
            asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        return ["127.0.0.1"]

    async with Sender(guard=HERE, user_agent="t", lookup=slow) as sender:
        hanging = [post(sender, f"http://slow{n}.example/", deadline_seconds=0.3) for n in range(9)]
        quick = post(sender, f"http://quick.example:{receiver.port}/")
        *slow_ones, quick_one = await asyncio.gather(*hanging, quick)
        gate.set()
    assert isinstance(quick_one, Response)
    assert {(one.trouble, one.detail) for one in slow_ones} == {
        (Trouble.TIMEOUT, "looking up the host")
    }


async def test_a_closed_port_is_a_trouble_of_connecting(sender: Sender) -> None:
    outcome = await post(sender, NOBODY_HERE)
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.was_sent) == (Trouble.CONNECT, False)
    assert outcome.detail == "Connection refused"  # and no address
    assert outcome.address == "127.0.0.1"  # which stands apart: this one may be called


async def test_a_full_port_ends_at_the_deadline(sender: Sender) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with socket.create_connection(listening.getsockname()):
            outcome = await post(sender, url, deadline_seconds=0.3)
    assert isinstance(outcome, Failure)
    assert (outcome.trouble, outcome.detail) == (Trouble.TIMEOUT, "connecting")
    assert not outcome.was_sent


# Time


async def test_each_phase_has_its_time(sender: Sender, receiver: Receiver) -> None:
    first = await post(sender, f"http://localhost:{receiver.port}/")
    again = await post(sender, f"http://localhost:{receiver.port}/")
    literal = await post(sender, receiver.url)
    assert {one.address for one in (first, again, literal)} == {"127.0.0.1"}
    assert _phases(first.timing) == {"dns", "connect", "first_byte"}
    assert _phases(again.timing) == {"first_byte"}
    assert _phases(literal.timing) == {"connect", "first_byte"}
    for timing in (first.timing, again.timing, literal.timing):
        parts = (timing.dns or 0) + (timing.connect or 0) + (timing.first_byte or 0)
        assert 0 < parts <= timing.total


async def test_the_receivers_time_is_in_the_first_byte(sender: Sender, receiver: Receiver) -> None:
    receiver.answer(delay=0.1)
    outcome = await post(sender, receiver.url)
    assert outcome.timing.first_byte >= 90


def _phases(timing: Timing) -> set[str]:
    phases = ("dns", "connect", "tls", "first_byte")
    return {phase for phase in phases if getattr(timing, phase) is not None}


async def test_many_at_once_do_not_mix(sender: Sender, receiver: Receiver) -> None:
    outcomes = await asyncio.gather(
        *(post(sender, f"{receiver.url}/echo?{n}", f'"{n}"') for n in range(200))
    )
    told = [json.loads(outcome.body) for outcome in outcomes]
    assert [one["body"] for one in told] == [f'"{n}"' for n in range(200)]


async def test_a_cancelled_attempt_takes_its_connection_with_it(
    sender: Sender, receiver: Receiver
) -> None:
    task = asyncio.create_task(post(sender, receiver.url + "/silence"))
    await receiver.wait_for(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert isinstance(await post(sender, receiver.url), Response)
    assert receiver.connections == 2
