"""`/packs/js/sdk.js`, which websites include, and `/widget`, the page inside its frame.

The page may stand in every website: it holds nothing of anybody. What opens a conversation stays in
the frame's own storage, which the website cannot read, and no cookie is set.
"""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request, get
from litestar.exceptions import NotFoundException
from litestar.response import Response, Template

from recado.contacts.attributes import attributes_of
from recado.conversations.identifying import find_open_inbox
from recado.db.database import Database
from recado.inboxes.models import Channel
from recado.inboxes.pre_chat import pre_chat_of
from recado.lib.files import LARGEST, MOST
from recado.lib.languages import known_language, language, set_language
from recado.settings import Settings
from recado.webhooks.names import Subscription
from recado.webhooks.telling import is_told
from recado.widget.asking import drawn_fields
from recado.widget.describing import appearance

_SDK: Final = Path(__file__).parents[2] / "web" / "static" / "widget" / "sdk.js"
_FOR_WEBSITES: Final = {
    "cache-control": "public, max-age=300",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


@get("/packs/js/sdk.js", media_type="text/javascript", sync_to_thread=False)
def show_sdk() -> Response[bytes]:
    return Response(_SDK.read_bytes(), media_type="text/javascript", headers=_FOR_WEBSITES)


@get("/widget")
async def show_widget(
    request: Request[Any, Any, Any], database: Database, settings: Settings
) -> Template:
    token = request.query_params.get("website_token", "")
    async with database.transaction() as tx:
        inbox = await find_open_inbox(tx, token)
        if inbox is None or inbox.channel != Channel.WEB_WIDGET:
            raise NotFoundException
        attributes = await attributes_of(tx, inbox.account_id)
        tells_visits = await is_told(tx, inbox, Subscription.WEBWIDGET_TRIGGERED)
    set_language(_wanted_language(request))
    pre_chat = pre_chat_of(inbox)
    nonce = secrets.token_urlsafe(16)
    seen = {
        **appearance(inbox), "token": inbox.identifier, "language": language().replace("_", "-"),
        "is_open": inbox.is_open(datetime.now(UTC)), "tells_visits": tells_visits,
        "asks": drawn_fields(pre_chat, attributes), "asks_with": pre_chat.message,
        "mostFiles": MOST, "mostBytes": LARGEST,
    }  # fmt: skip
    return Template(
        "widget/page.html",
        context={
            "inbox": inbox,
            "seen": seen,
            "largest": f"{LARGEST // 1024**2} MB",
            "language": language(),
            "csp_nonce": nonce,
        },
        headers=_closing_headers(nonce, settings.public_url),
    )


def _wanted_language(request: Request[Any, Any, Any]) -> str:
    accepted = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
    return known_language(request.query_params.get("locale") or accepted or "pt-BR")


def _closing_headers(nonce: str, public_url: str) -> dict[str, str]:
    """As closed as every other page, except that websites may frame it."""
    own = urlsplit(public_url)
    line = f"{'wss' if own.scheme == 'https' else 'ws'}://{own.netloc}"
    return {
        "content-security-policy": (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; "
            f"connect-src 'self' {line}; img-src 'self' blob:; media-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors http: https:"
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
    }


handlers: list[Any] = [show_sdk, show_widget]
