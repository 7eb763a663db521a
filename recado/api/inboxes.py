"""Inboxes: where messages come in."""

from dataclasses import dataclass
from typing import Any

from litestar import delete, get, patch, post, put
from litestar.response import Response
from msgspec import Struct, UnsetType

from recado.api.door import ROOT, ApiRequest, administrators, cause_of, invalid, nothing, now
from recado.api.fields import UNSET, Flag, Json, MaybeJson, Short, json_or_empty, text_or
from recado.api.mailboxes import channel_json, keep_channel
from recado.api.reading import read
from recado.api.seeing import visible_inbox
from recado.api.working_hours import HoursBody, hours_from, says_hours, week_json
from recado.db.database import Database, Transaction
from recado.deliveries.delivering import Outbound
from recado.deliveries.sharing_secrets import shared_secrets
from recado.inboxes.embedding import colour_of, snippet
from recado.inboxes.keeping_hours import keep_hours
from recado.inboxes.keeping_tokens import hmac_of
from recado.inboxes.models import OPENED_BY_PEOPLE, Channel, Inbox
from recado.inboxes.opening import (
    InboxDraft,
    close_inbox,
    dealing_problem,
    inbox_problems,
    inboxes_for,
    let_deal_out,
    open_inbox,
    update_inbox,
)
from recado.inboxes.pre_chat import pre_chat_problem
from recado.inboxes.signing import sign_inbox
from recado.lib.addresses import Refuses
from recado.lib.languages import Sentence, say
from recado.lib.secrets import Vault
from recado.mailboxes.models import Mailbox
from recado.mailboxes.setting_up import mailboxes_of
from recado.settings import Settings


class SlimInbox(Struct, kw_only=True):
    """An inbox inside something else."""

    id: int
    avatar_url: str = ""
    channel_id: int
    name: str
    channel_type: str
    provider: str | None = None


class InboxJson(Struct, kw_only=True):
    """An inbox. `hmac_token`, `inbox_identifier` and `secret`, which signs what its webhook
    is told, are only for administrators.
    """

    id: int
    avatar_url: str = ""
    channel_id: int
    name: str
    channel_type: str
    greeting_enabled: bool = False
    greeting_message: str | None = None
    working_hours_enabled: bool = False
    enable_email_collect: bool = True
    csat_survey_enabled: bool = False
    enable_auto_assignment: bool = False
    auto_assignment_config: Json = {}
    out_of_office_message: str | None = None
    working_hours: list[Json] = []
    holidays: list[Json] = []
    timezone: str = "UTC"
    callback_webhook_url: str | None = None
    allow_messages_after_resolved: bool = True
    lock_to_single_conversation: bool = False
    sender_name_type: str = "friendly"
    business_name: str | None = None
    hmac_mandatory: bool = False
    provider: str | None = None
    hmac_token: str | UnsetType = UNSET
    secret: str | UnsetType | None = UNSET
    inbox_identifier: str | UnsetType = UNSET
    webhook_url: str | UnsetType | None = UNSET
    additional_attributes: Json | UnsetType = UNSET
    website_token: str | UnsetType = UNSET
    website_url: str | UnsetType | None = UNSET
    welcome_title: str | UnsetType | None = UNSET
    welcome_tagline: str | UnsetType | None = UNSET
    widget_color: str | UnsetType | None = UNSET
    web_widget_script: str | UnsetType = UNSET
    pre_chat_form_enabled: bool | UnsetType = UNSET
    pre_chat_form_options: Json | UnsetType = UNSET
    email: str | UnsetType | None = UNSET
    forward_to_email: str | UnsetType | None = UNSET
    mailbox: Json | UnsetType = UNSET


class Inboxes(Struct):
    """The inboxes that the token's person sees."""

    payload: list[InboxJson]


class InboxBody(HoursBody):
    """An inbox to open or to change.

    `channel` has `type` `api` (`webhook_url`, `hmac_mandatory`), `email` (`email`,
    `imap_address`, `imap_port`, `imap_enable_ssl`, `imap_login`, `imap_password`, `imap_folder`, the same
    with `smtp_`, `imap_enabled`) or `web_widget` (`website_url`, `welcome_title`, `welcome_tagline`, `widget_color`, `widget_position`: `left` or `right`,
    `pre_chat_form_enabled`, `pre_chat_form_options` with `pre_chat_message` and `pre_chat_fields`). Of `working_hours`, days that are not sent
    stay as they are. `enable_auto_assignment` deals new conversations out to agents who are online, each at most
    `max_assignment_limit` of `auto_assignment_config` open ones in this inbox.
    """

    name: Short = UNSET
    channel: MaybeJson = UNSET
    greeting_enabled: Flag = UNSET
    enable_auto_assignment: Flag = UNSET
    auto_assignment_config: MaybeJson = UNSET


CHANNEL_TYPES = {
    Channel.API: "Channel::Api",
    Channel.WEB_WIDGET: "Channel::WebWidget",
    Channel.EMAIL: "Channel::Email",
    Channel.CHATWOOT: "Channel::Api",  # the nearest of those that clients know
}
_PRE_CHAT = ("pre_chat_form_enabled", "pre_chat_form_options")
_OWN = {
    Channel.API: ("webhook_url", "hmac_mandatory", "additional_attributes"),
    Channel.WEB_WIDGET: ("website_url", "welcome_title", "welcome_tagline", "widget_color",
                         "widget_position", "hmac_mandatory", *_PRE_CHAT),
    Channel.EMAIL: (),  # see mailboxes.py
    Channel.CHATWOOT: (),
}  # fmt: skip
_LIMIT = "max_assignment_limit"
_LONGEST = 2_048  # characters of a text among the settings
_INBOX = f"{ROOT}/inboxes/{{inbox_id:int}}"


@get(f"{ROOT}/inboxes")
async def list_inboxes(
    request: ApiRequest, database: Database, settings: Settings, outbound: Outbound
) -> Inboxes:
    """List the inboxes: an agent's own, an administrator's all."""
    async with database.transaction() as tx:
        inboxes = await inboxes_for(tx, request.user)
        secrets = await _secrets(tx, request, inboxes, outbound.vault)
    return Inboxes([_inbox_json(one, request, settings, secrets) for one in inboxes])


@get(_INBOX)
async def show_inbox(
    request: ApiRequest, database: Database, settings: Settings, outbound: Outbound, inbox_id: int
) -> InboxJson:
    """Show an inbox."""
    async with database.transaction() as tx:
        inbox = await visible_inbox(tx, request.user, inbox_id)
        secrets = await _secrets(tx, request, [inbox], outbound.vault)
    return _inbox_json(inbox, request, settings, secrets)


@post(f"{ROOT}/inboxes", status_code=200, guards=[administrators], opt={"takes": InboxBody})
async def create_inbox(
    request: ApiRequest, database: Database, settings: Settings, outbound: Outbound
) -> InboxJson:
    """Open an inbox."""
    body = await read(request, InboxBody, wrapped="inbox")
    channel = json_or_empty(body.channel)
    kind = channel.get("type")
    if kind not in OPENED_BY_PEOPLE:
        choices = ", ".join(OPENED_BY_PEOPLE)
        raise invalid({"channel.type": say("Choose one of: %(choices)s.", choices=choices)})
    draft = InboxDraft(text_or(body.name), Channel(kind), _settings(Channel(kind), channel))
    _check(draft, outbound.sender.is_surely_refused)
    async with database.transaction() as tx:
        inbox = await open_inbox(
            tx, request.user.account_id, draft,
            vault=outbound.vault, now=now(), cause=cause_of(request),
        )  # fmt: skip
        await _deal_out(tx, inbox, body)
        if kind == Channel.EMAIL:
            await keep_channel(tx, request, inbox, channel, outbound.vault)
        if says_hours(body):
            await keep_hours(tx, inbox, hours_from(body, inbox), now=now())
        secrets = await _secrets(tx, request, [inbox], outbound.vault)
    return _inbox_json(inbox, request, settings, secrets)


@patch(_INBOX, guards=[administrators], opt={"takes": InboxBody})
async def patch_inbox(
    request: ApiRequest, database: Database, settings: Settings, outbound: Outbound, inbox_id: int
) -> InboxJson:
    """Change an inbox; its channel's type stays."""
    return await _change(request, database, settings, outbound, inbox_id)


@put(_INBOX, guards=[administrators], opt={"takes": InboxBody})
async def put_inbox(
    request: ApiRequest, database: Database, settings: Settings, outbound: Outbound, inbox_id: int
) -> InboxJson:
    """Change an inbox; what is not sent stays."""
    return await _change(request, database, settings, outbound, inbox_id)


@delete(_INBOX, status_code=200, guards=[administrators])
async def remove_inbox(request: ApiRequest, database: Database, inbox_id: int) -> Response[bytes]:
    """Delete an inbox with its conversations."""
    async with database.transaction() as tx:
        await close_inbox(tx, await visible_inbox(tx, request.user, inbox_id))
    return nothing()


def slim_inbox(inbox: Inbox) -> SlimInbox:
    """An inbox as it stands inside other things."""
    return SlimInbox(
        id=inbox.id, channel_id=inbox.id, name=inbox.name,
        channel_type=CHANNEL_TYPES[Channel(inbox.channel)],
    )  # fmt: skip


async def _change(
    request: ApiRequest, database: Database, settings: Settings, outbound: Outbound, inbox_id: int
) -> InboxJson:
    body = await read(request, InboxBody, wrapped="inbox")
    async with database.transaction() as tx:
        inbox = await visible_inbox(tx, request.user, inbox_id)
        given = _settings(Channel(inbox.channel), json_or_empty(body.channel))
        draft = InboxDraft(
            text_or(body.name, inbox.name), Channel(inbox.channel), {**inbox.settings, **given}
        )
        is_new = draft.settings.get("webhook_url") != inbox.settings.get("webhook_url")
        _check(draft, outbound.sender.is_surely_refused if is_new else None)
        await update_inbox(
            tx, inbox, draft.name, draft.settings, now=now(), cause=cause_of(request)
        )
        await _deal_out(tx, inbox, body)
        if inbox.channel == Channel.EMAIL:
            channel = json_or_empty(body.channel)
            await keep_channel(tx, request, inbox, channel, outbound.vault)
        if says_hours(body):
            hours = hours_from(body, inbox)
            await keep_hours(tx, inbox, hours, now=now(), cause=cause_of(request))
        await sign_inbox(tx, inbox, vault=outbound.vault, now=now())
        secrets = await _secrets(tx, request, [inbox], outbound.vault)
    return _inbox_json(inbox, request, settings, secrets)


async def _deal_out(tx: Transaction, inbox: Inbox, body: InboxBody) -> None:
    wanted, most = body.enable_auto_assignment, inbox.most_dealt
    if body.auto_assignment_config is not UNSET:
        most = json_or_empty(body.auto_assignment_config).get(_LIMIT)
    if problem := dealing_problem(most):
        raise invalid({f"auto_assignment_config.{_LIMIT}": problem})
    deals_out = wanted if isinstance(wanted, bool) else inbox.deals_out
    await let_deal_out(tx, inbox, deals_out, most)


@dataclass(frozen=True, slots=True)
class _Secrets:
    """What only administrators see of inboxes: HMAC tokens, what signs by ring, and mailboxes."""

    hmac: dict[int, str]
    signing: dict[int | None, str]
    mailboxes: dict[int, Mailbox]


async def _secrets(
    tx: Transaction, request: ApiRequest, inboxes: list[Inbox], vault: Vault
) -> _Secrets:
    if not request.user.is_administrator:
        return _Secrets({}, {}, {})
    rings = [one.signing_ring for one in inboxes]
    return _Secrets(
        {one.id: hmac_of(one, vault) for one in inboxes},
        await shared_secrets(tx, request.user.account_id, rings, vault=vault),
        await mailboxes_of(tx, request.user.account_id),
    )


def _settings(kind: Channel, channel: Json) -> Json:
    return {name: channel[name] for name in _OWN[kind] if name in channel}


def _check(draft: InboxDraft, refuses: Refuses | None) -> None:
    """Settings are kept as they come, so each must be what it says it is."""
    wrong: dict[str, Sentence | str] = {}
    for name, value in draft.settings.items():
        fits = isinstance(value, _kind_of(name)) or value is None
        if not fits or (isinstance(value, str) and len(value) > _LONGEST):
            wrong[name] = "This is not a value for it."
    options = draft.settings.get("pre_chat_form_options")
    if options and (problem := pre_chat_problem(options)):
        wrong["pre_chat_form_options"] = problem
    if wrong:
        raise invalid(wrong)
    if problems := inbox_problems(draft, refuses):
        raise invalid(problems)


def _kind_of(name: str) -> type:
    kinds = {
        "hmac_mandatory": bool, "additional_attributes": dict,
        "pre_chat_form_enabled": bool, "pre_chat_form_options": dict,
    }  # fmt: skip
    return kinds.get(name, str)


def _inbox_json(
    inbox: Inbox, request: ApiRequest, settings: Settings, secrets: _Secrets
) -> InboxJson:
    own = inbox.settings
    shown = InboxJson(
        id=inbox.id, channel_id=inbox.id, name=inbox.name,
        channel_type=CHANNEL_TYPES[Channel(inbox.channel)],
        working_hours_enabled=inbox.has_hours, working_hours=week_json(inbox),
        holidays=inbox.holidays,
        timezone=inbox.time_zone, out_of_office_message=inbox.out_of_office or None,
        hmac_mandatory=bool(own.get("hmac_mandatory")),
        enable_auto_assignment=inbox.deals_out,
        auto_assignment_config={_LIMIT: inbox.most_dealt} if inbox.most_dealt else {},
    )  # fmt: skip
    if request.user.is_administrator:
        shown.hmac_token = secrets.hmac[inbox.id]
        if inbox.channel == Channel.API:
            shown.secret = secrets.signing.get(inbox.signing_ring)
    if inbox.channel == Channel.EMAIL:
        shown.email, shown.forward_to_email = own.get("email"), None
        if request.user.is_administrator:
            shown.mailbox = channel_json(secrets.mailboxes.get(inbox.id))
    elif inbox.channel != Channel.WEB_WIDGET:
        _show_api(shown, inbox, request)
    else:
        _show_widget(shown, inbox, settings)
    return shown


def _show_api(shown: InboxJson, inbox: Inbox, request: ApiRequest) -> None:
    shown.webhook_url = shown.callback_webhook_url = inbox.settings.get("webhook_url") or None
    shown.additional_attributes = inbox.settings.get("additional_attributes") or {}
    if request.user.is_administrator:
        shown.inbox_identifier = inbox.identifier


def _show_widget(shown: InboxJson, inbox: Inbox, settings: Settings) -> None:
    own = inbox.settings
    shown.website_token = inbox.identifier
    shown.website_url = own.get("website_url")
    shown.welcome_title = own.get("welcome_title")
    shown.welcome_tagline = own.get("welcome_tagline")
    shown.widget_color = colour_of(inbox)
    shown.web_widget_script = snippet(settings.public_url, inbox)
    shown.pre_chat_form_enabled = bool(own.get("pre_chat_form_enabled"))
    shown.pre_chat_form_options = own.get("pre_chat_form_options") or {}


handlers: list[Any] = [
    list_inboxes, show_inbox, create_inbox, patch_inbox, put_inbox, remove_inbox,
]  # fmt: skip
