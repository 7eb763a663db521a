"""What a dashboard app is told about the conversation that it stands beside, in Chatwoot's words.

A page asks for it, not a program: whoever is signed in sees the conversation, and nobody else does.
"""

from typing import Any

from litestar import get
from msgspec import Struct

from recado.accounts.doors import MemberRequest, found, members_only
from recado.api.conversations import ConversationJson, conversation_json
from recado.api.people import ContactJson, contact_json
from recado.conversations.viewing import find_visible
from recado.db.database import Database


class CurrentAgent(Struct):
    """Who looks at the conversation."""

    id: int
    name: str
    email: str


class AppContext(Struct, rename="camel"):
    """The conversation, who wrote, and who answers."""

    conversation: ConversationJson
    contact: ContactJson
    current_agent: CurrentAgent


@get("/app/conversations/{number:int}/app-context", guards=[members_only])
async def show_app_context(request: MemberRequest, database: Database, number: int) -> AppContext:
    person = request.user.user
    async with database.transaction() as tx:
        conversation = found(await find_visible(tx, request.user, number))
        return AppContext(
            await conversation_json(tx, conversation),
            contact_json(conversation.contact),
            CurrentAgent(person.id, person.name, person.email),
        )


handlers: list[Any] = [show_app_context]
