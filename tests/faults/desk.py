"""A desk of real processes on one PostgreSQL, a receiver that counts, and clients that never rest."""

import asyncio
import json
import os
import random
import signal
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from recado.db.embedded import EmbeddedPostgres
from tests.faults.processes import SETUP, Running, postgres_of, until
from tests.faults.ready import fork_recado
from tests.receiver import Answer, Received, Receiver

LEASE_SECONDS = 8
_AWAY = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)  # it comes back
WORKERS = 2
OF_TOMORROW = "conversation_teleported"  # an event that no Recado of today knows
_CLOCK = """
    create schema clock;
    create table clock.moved (ahead interval not null);
    insert into clock.moved values ('0');
    create function clock.clock_timestamp() returns timestamptz language sql volatile as
        'select pg_catalog.clock_timestamp() + ahead from clock.moved';
    alter database postgres set search_path = public, clock, pg_catalog;
"""
_JUMP = "update clock.moved set ahead = case when ahead = '0' then interval '1 day' else '0' end"
_TOMORROW = f"""
    insert into events (account_id, name, conversation_id, lane, facts, cause, created_at)
    select account_id, '{OF_TOMORROW}', conversation_id, lane, facts, cause, created_at
    from events order by id desc limit 1;
    update deliveries set policy = policy || '{{"schedule": "lunar", "mood": "good"}}'
    where state = 'pending';
"""  # noqa: S608 - our own name
CONVERSATIONS = 20


async def _is_done(connection: "asyncpg.Connection[Any]", statements: str) -> bool:
    """Whether they were carried out, all of them; no, where a worker's locks crossed theirs."""
    try:
        await connection.execute(statements)
    except asyncpg.DeadlockDetectedError:
        return False
    return True


class CountingReceiver(Receiver):
    """Takes its time, refuses one call in fifty, and remembers what it accepted by webhook-id."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.accepted: dict[str, list[str]] = defaultdict(list)

    def _answer_to(self, path: str, request: Received) -> Answer:
        self.calls += 1
        self.received.clear()  # a long campaign is many calls
        if random.random() < 0.02:  # noqa: S311 - any
            return Answer(503)
        told = json.loads(request.body)
        self.accepted[request.headers["webhook-id"]].append(told["text"])
        return Answer(delay=random.uniform(0.05, 1.0))  # noqa: S311 - any


class Desk:
    """Made by `open_desk`: `web` and `workers` are there, and `posted` to grow by `post`."""

    def __init__(self, folder: Path, receiver: CountingReceiver) -> None:
        self.folder = folder
        self.receiver = receiver
        self.server = EmbeddedPostgres(folder / "server")
        self.data_dir = folder / "data"
        self.workers: list[Running] = []
        self._webs: list[Running] = []
        self.acknowledged: set[str] = set()
        self.tried: set[str] = set()
        self._token = ""
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))
        self._conversations: list[int] = []

    @property
    def web(self) -> Running:
        return self._webs[-1]

    def start_web(self) -> None:
        self._webs.append(self._start("web"))

    def start_worker(self) -> None:
        self.workers.append(self._start("worker", name=f"worker-{random.getrandbits(40)}"))

    def _start(self, role: str, name: str = "") -> Running:
        started = Running(self.data_dir, role, name=name, **self.environment)
        try:
            started.until_ready()
        except BaseException:
            started.kill()
            raise
        return started

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.server.url, "RECADO_ALLOWED_NETWORKS": "127.0.0.0/8",
            "RECADO_API_REQUESTS_PER_MINUTE": "0", "RECADO_DEADLINE_SECONDS": "3", "RECADO_LEASE_SECONDS": str(LEASE_SECONDS),
        }  # fmt: skip

    def set_up(self) -> None:
        done = fork_recado(self.data_dir, *SETUP, **self.environment)
        assert done.returncode == 0, done.stderr
        self._token = json.loads(done.stdout.splitlines()[-1])["token"]

    async def configure(self) -> None:
        """An action that tells the receiver each message, and the rule that sends it."""
        action = await self._made(
            "custom_actions",
            {"name": "CRM", "method": "POST", "url": self.receiver.url + "/crm", "body_kind": "json",
             "body": '{"text": "{{ message.content }}"}', "state": "active"},
        )  # fmt: skip
        condition = {"attribute_key": "message_type", "filter_operator": "equal_to",
                     "values": ["incoming"], "query_operator": None}  # fmt: skip
        effect = {"action_name": "send_custom_action", "action_params": [action["id"]]}
        rule = {"name": "Tell", "event_name": "message_created", "conditions": [condition],
                "actions": [effect]}  # fmt: skip
        await self._made("automation_rules", rule)
        inbox = await self._made("inboxes", {"name": "Site", "channel": {"type": "api"}})
        for _ in range(CONVERSATIONS):
            made = await self._made("contacts", {"name": "Maria", "inbox_id": inbox["id"]})
            who = {"contact_id": made["payload"]["contact"]["id"], "inbox_id": inbox["id"]}
            self._conversations.append((await self._made("conversations", who))["id"])

    async def post(self, text: str) -> None:
        """Post a message until it is acknowledged; every tenth client gives up after one try."""
        self.tried.add(text)
        path = f"conversations/{random.choice(self._conversations)}/messages"  # noqa: S311
        message = {"content": text, "message_type": "incoming", "echo_id": text}
        while True:
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                status, told = await self._call(path, message)
                assert status == 200 or status >= 500, (status, told)
                if status == 200:
                    self.acknowledged.add(text)
                    return
            if text.endswith("0"):
                return
            await asyncio.sleep(0.2)

    async def _made(self, path: str, body: Any) -> Any:
        status, told = await self._call(path, body)
        assert status == 200, told
        return json.loads(told)

    async def _call(self, path: str, body: Any) -> tuple[int, bytes]:
        url = f"http://127.0.0.1:{self.web.port}/api/v1/accounts/1/{path}"
        headers = {"Api-Access-Token": self._token}
        async with self._client.post(url, json=body, headers=headers) as answer:
            return answer.status, await answer.read()

    async def ask(self, query: str) -> list[Any]:
        """What the database says, as soon as it says anything."""
        while True:
            with suppress(OSError, asyncpg.InterfaceError, TimeoutError, *_AWAY):
                connection = await asyncpg.connect(self.server.url, timeout=10)
                try:
                    return list(await connection.fetch(query))
                finally:
                    await connection.close(timeout=5)
            await asyncio.sleep(0.2)

    async def tell(self, statements: str) -> None:
        """Have the database do this, as soon as it does anything; it is done once."""
        while True:
            with suppress(OSError, asyncpg.InterfaceError, TimeoutError, *_AWAY):
                connection = await asyncpg.connect(self.server.url, timeout=10)
                break
            await asyncio.sleep(0.2)
        while not await _is_done(connection, statements):
            pass
        await connection.close(timeout=5)

    async def jump(self) -> None:
        """The clock goes a day ahead, or back."""
        await self.tell(_JUMP)

    async def jump_far(self) -> None:
        """A day after everything: whatever waits is due."""
        await self.tell("update clock.moved set ahead = '3 days'")

    async def end_leases(self) -> None:
        """What is in flight is due for others, too."""
        await self.tell(
            "update leases set until = clock.clock_timestamp() where delivery_id in"
            " (select delivery_id from leases for update skip locked)"
        )

    async def write_of_tomorrow(self) -> None:
        """As a newer Recado does: an event and policies that this one does not know."""
        await self.tell(_TOMORROW)

    @property
    def has_own_disk(self) -> bool:
        """Whether nothing else is on the disk of its folder."""
        return os.path.ismount(self.folder)

    def kill_postgres(self) -> None:
        """Power fails: nothing is written any more, and it starts again."""
        [pid] = postgres_of(self.folder / "server")
        os.kill(pid, signal.SIGKILL)
        until(lambda: not postgres_of(self.folder / "server"))
        self.restart_postgres()

    def restart_postgres(self) -> None:
        """Stopped in order if it still runs, and started again."""
        self.server.stop()
        self.server.start()

    async def end(self) -> None:
        await self._client.close()
        for one in (*self.workers, *self._webs):
            one.kill()


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    """PostgreSQL, a web server, two workers, a rule and its action, ready for messages."""
    async with CountingReceiver() as receiver:
        desk = Desk(folder, receiver)
        try:
            await asyncio.to_thread(desk.server.start)
            await asyncio.to_thread(desk.set_up)
            await desk.tell(_CLOCK)
            starting = [asyncio.to_thread(desk.start_worker) for _ in range(WORKERS)]
            await asyncio.gather(asyncio.to_thread(desk.start_web), *starting)
            await desk.configure()
            yield desk
        finally:
            try:
                await desk.end()
            finally:
                await asyncio.to_thread(desk.server.stop)
