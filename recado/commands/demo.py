"""`recado demo`: a sample account, and a receiver beside it that echoes what it is sent.

Only here the receiver's own address on this machine is allowed to custom actions.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import orjson
from sqlalchemy import select

from recado.accounts.models import Account, Membership
from recado.accounts.people import PersonDraft, find_user_by_email
from recado.accounts.setting_up import set_up
from recado.actions.models import ActionState
from recado.actions.saving import ActionDraft, create_action
from recado.actions.versions import keep_action_version
from recado.automation.saving import RuleDraft, create_rule
from recado.automation.versions import keep_rule_version
from recado.contacts.attributes import AttributeDraft, create_attribute
from recado.contacts.labels import create_label
from recado.contacts.models import AttributeKind, AttributeModel
from recado.contacts.saving import ContactDraft, create_contact
from recado.conversations.models import MessageType
from recado.conversations.posting import MessageDraft, post_message
from recado.conversations.starting import ConversationDraft, introduce, start_conversation
from recado.db.database import Transaction
from recado.events.causes import Actor, Cause
from recado.inboxes.models import Channel
from recado.inboxes.opening import InboxDraft, open_inbox
from recado.lib.addresses import parse_networks
from recado.lib.secrets import Vault
from recado.opening import database_server, open_database, open_vault
from recado.serving import Roles, serve
from recado.settings import Settings

EMAIL: Final = "demo@recado.example"
PASSWORD: Final = "recado demo"  # noqa: S105 - printed for everybody; the data are samples
RECEIVER_PORT: Final = 3999

_BODY: Final = """{
  "nome": "{{ contact.name }}",
  "email": "{{ contact.email }}",
  "telefone": "{{ contact.phone_number }}",
  "cliente_desde": {{ contact.custom_attribute.cliente_desde }},
  "conversa": {{ conversation.id }},
  "mensagem": "{{ message.content }}"
}"""

_PEOPLE: Final = (
    ("Maria Souza", "maria@example.com", "+5511912345678", "Olá! Meu pedido 5531 já saiu?"),
    ("João Pereira", "joao@example.com", "+5521998765432", "Quero um orçamento para 20 licenças."),
    (
        "Lucía Gómez",
        "lucia@example.com",
        "+5491123456789",
        '¿Puede llamarme mañana? Dije "urgente" 😀',
    ),
)


class DemoRefused(Exception):
    """The demo cannot run; the text says why."""


def demonstrate(settings: Settings, *, fill_only: bool) -> None:
    """Fill the sample account once, then serve it with the echoing receiver."""
    own_machine = parse_networks("127.0.0.1/32")
    with nullcontext() if fill_only else _echoing():
        with database_server(settings, may_join=True) as url:
            asyncio.run(_fill(url, settings))
        print(f"Sign in with {EMAIL} and the password “{PASSWORD}”.")
        if fill_only:
            return
        serve(replace(settings, allowed_networks=settings.allowed_networks + own_machine), Roles())


async def _fill(url: str, settings: Settings) -> None:
    async with open_database(url, settings) as database, database.transaction() as tx:
        if await _is_to_be_filled(tx):
            await _Sample(tx, open_vault(settings), datetime.now(UTC)).write()


async def _is_to_be_filled(tx: Transaction) -> bool:
    """Whether nothing is here yet; DemoRefused beside somebody's own accounts."""
    if await find_user_by_email(tx, EMAIL) is not None:
        return False
    if await tx.scalar(select(Account.id).limit(1)) is not None:
        raise DemoRefused(
            "There are accounts here already, and everybody knows the demo's password. "
            "Give it a folder of its own: recado demo --data-dir demo"
        )
    return True


@dataclass(frozen=True, slots=True)
class _Sample:
    tx: Transaction
    vault: Vault
    now: datetime

    async def write(self) -> None:
        person = PersonDraft("Ana Lima", EMAIL, PASSWORD)
        member = await set_up(self.tx, "Loja Demo", person, language="pt_BR", now=self.now)
        for title in ("vip", "entrega"):
            await create_label(self.tx, member.account_id, title)
        await self._attribute(member.account)
        await self._rule(member)
        await self._conversations(member)

    async def _attribute(self, account: Account) -> None:
        draft = AttributeDraft(
            "Cliente desde", "cliente_desde", AttributeKind.DATE, AttributeModel.CONTACT
        )
        await create_attribute(self.tx, account.id, draft, now=self.now)

    async def _rule(self, member: Membership) -> None:
        draft = ActionDraft(
            name="Registrar no CRM",
            description="Exemplo: o destinatário desta demonstração devolve o que recebe.",
            url=f"http://127.0.0.1:{RECEIVER_PORT}/contatos",
            body=_BODY,
        )
        action = await create_action(
            self.tx, member.account_id, draft,
            vault=self.vault, now=self.now, state=ActionState.ACTIVE,
        )  # fmt: skip
        incoming = {
            "attribute_key": "message_type", "filter_operator": "equal_to",
            "values": ["incoming"], "query_operator": None,
        }  # fmt: skip
        send = {"action_name": "send_custom_action", "action_params": [action.id]}
        rule = RuleDraft("Avisar o CRM", "message_created", [incoming], [send])
        made = await create_rule(self.tx, member.account_id, rule, now=self.now)
        await keep_rule_version(self.tx, made, by=member.user_id, now=self.now)
        await keep_action_version(self.tx, action, by=member.user_id, now=self.now)

    async def _conversations(self, member: Membership) -> None:
        draft = InboxDraft("Site da loja", Channel.API)
        inbox = await open_inbox(self.tx, member.account_id, draft, vault=self.vault, now=self.now)
        for number, (name, email, phone, said) in enumerate(_PEOPLE):
            when = self.now - timedelta(minutes=7 * (len(_PEOPLE) - number))
            known = {"cliente_desde": f"202{number + 2}-03-15"}
            details = ContactDraft(name, email, phone, custom_attributes=known)
            contact = await create_contact(self.tx, member.account_id, details, now=when)
            contact_inbox = await introduce(self.tx, contact, inbox, source_id=None, now=when)
            if contact_inbox is None:
                continue
            by = Cause(Actor.CONTACT, contact.id)
            conversation = await start_conversation(
                self.tx, contact_inbox, ConversationDraft(), cause=by, now=when
            )
            message = MessageDraft(said, MessageType.INCOMING, sender=contact)
            await post_message(self.tx, conversation, message, cause=by, now=when)


class _Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        answer = orjson.dumps(
            {
                "ok": True,
                "method": self.command,
                "path": self.path,
                "received": _readable(body),
            }
        )
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:
        """The delivery log tells it better."""


def _readable(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


@contextmanager
def _echoing() -> Iterator[None]:
    try:
        server = ThreadingHTTPServer(("127.0.0.1", RECEIVER_PORT), _Echo)
    except OSError as error:
        raise DemoRefused(
            f"The demo's receiver cannot listen on port {RECEIVER_PORT} ({error.strerror}). Stop what "
            "uses it, perhaps another `recado demo`."
        ) from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
