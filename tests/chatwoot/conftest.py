"""A desk that Ana's account is connected to, and the worker's part in it, a step at a time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from recado.automation.rule_book import RuleBook
from recado.automation.running import run_rules, take_lanes
from recado.automation.saving import RuleDraft, create_rule
from recado.chatwoot.catching_up import catch_up
from recado.chatwoot.connecting import TOLD_BY, connect
from recado.chatwoot.entering import enter
from recado.chatwoot.models import ChatwootServer
from recado.contacts.labels import create_label
from recado.conversations.finding import WITH_EVERYTHING
from recado.conversations.models import Conversation, Message
from recado.db.database import Database, database_now
from recado.deliveries.delivering import Outbound
from recado.deliveries.models import Delivery
from recado.events.models import Event
from recado.worker.mirroring import Mirroring
from recado.worker.sending import DeliveryLoop, Limits
from tests.people import NOW, Cast
from tests.serving import serving
from tests.standin.desk import Json
from tests.standin.server import TOKEN, StandIn


@dataclass
class Beside:
    """Recado beside a Chatwoot. `settle` is what the worker does until nothing is left to do."""

    chatwoot: StandIn
    database: Database
    outbound: Outbound
    cast: Cast
    public_url: str
    server_id: int = 0
    contact: Json = field(default_factory=dict)
    inbox: Json = field(default_factory=dict)
    book: RuleBook = field(default_factory=RuleBook)

    async def connect(self) -> None:
        entered = await enter(self.outbound.sender, self.chatwoot.url, TOKEN, None)
        self.server_id = await connect(
            self.database, self.outbound, self.cast.account.id, entered, public_url=self.public_url
        )
        await self.look()

    async def look(self) -> None:
        await catch_up(self.database, self.outbound, self.server_id)

    async def settle(self) -> None:
        """Webhooks, mirroring, rules, deliveries, and what these lead to."""
        for _ in range(30):
            await self.chatwoot.settled()
            busy = [await self.mirror(), await self.run_rules(), await self.deliver()]
            if not any(busy):
                return
        raise AssertionError("It never comes to rest.")

    async def mirror(self) -> bool:
        mirroring = Mirroring(self.database, self.outbound)
        done = False
        while await mirroring._mirror_next():
            done = True
        return done

    async def run_rules(self) -> bool:
        async with self.database.transaction() as tx:
            lanes = await take_lanes(tx)
            return await run_rules(tx, self.book, lanes, now=await database_now(tx)) > 0

    async def deliver(self) -> bool:
        loop = DeliveryLoop(
            self.database, self.outbound, Limits(20, 20, timedelta(seconds=60)), asyncio.Event()
        )
        await loop.turn()
        is_busy = bool(loop._in_flight)
        await loop.finish()
        return is_busy

    async def all(self, table: Any, *options: Any) -> list[Any]:
        async with self.database.transaction() as tx:
            return list(await tx.scalars(select(table).options(*options).order_by(table.id)))

    async def conversation(self) -> Conversation:
        [found] = await self.all(Conversation, *WITH_EVERYTHING)
        return found  # type: ignore[no-any-return]

    async def said(self) -> list[str]:
        return [one.content for one in await self.all(Message) if one.message_type != "activity"]

    async def events(self) -> list[str]:
        return [one.name for one in await self.all(Event)]

    async def written(self) -> list[tuple[str, str]]:
        """What was written back: the end of the address, and how that went."""
        found = [one for one in await self.all(Delivery) if one.told_by == TOLD_BY]
        return [(one.request["url"].rpartition("/")[2], one.state) for one in found]

    async def server(self) -> ChatwootServer:
        [found] = await self.all(ChatwootServer)
        return found  # type: ignore[no-any-return]

    async def add_rule(self, event: str, conditions: list[Json], *effects: Json) -> None:
        draft = RuleDraft(f"on {event}", event, conditions, list(effects))
        async with self.database.transaction() as tx:
            await create_rule(tx, self.cast.account.id, draft, now=NOW)

    async def add_label(self, *titles: str) -> None:
        async with self.database.transaction() as tx:
            for title in titles:
                await create_label(tx, self.cast.account.id, title)

    async def time_passes(self, **much: float) -> None:
        """As if what ended had ended so long ago."""
        gone = timedelta(**much)
        async with self.database.transaction() as tx:
            await tx.execute(
                update(Delivery).values(
                    finished_at=Delivery.finished_at - gone, due_at=Delivery.due_at - gone
                )
            )


@pytest.fixture
async def chatwoot() -> AsyncIterator[StandIn]:
    async with StandIn() as server:
        yield server


@pytest.fixture
async def beside(
    chatwoot: StandIn, app: Any, database: Database, cast: Cast, outbound: Outbound
) -> AsyncIterator[Beside]:
    """Connected, with a contact and an inbox over there."""
    async with serving(app) as address:
        found = Beside(chatwoot, database, outbound, cast, f"http://{address}")
        found.inbox = chatwoot.desk.add_inbox("Zap", "Channel::Whatsapp")
        found.contact = chatwoot.desk.add_contact(
            "Maria", found.inbox, email="maria@example.com", created_at=1_600_000_000
        )
        chatwoot.desk.add_agent("Beto Reis", "beto@acme.example")
        await found.connect()
        yield found
        await chatwoot.settled()
