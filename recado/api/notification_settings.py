"""What the token's person wants to be told, by e-mail and by notifications of browser or phone."""

from typing import Any, Final

from litestar import get, patch, put
from msgspec import Struct

from recado.accounts.models import Membership
from recado.api.door import ROOT, ApiRequest
from recado.api.fields import UNSET, UnsetType
from recado.api.reading import read
from recado.db.database import Database
from recado.notifications.models import Way
from recado.notifications.settings import choose_ways, kinds_for
from recado.notifications.telling import ways_of


class SettingsJson(Struct, kw_only=True):
    """Flags are named `email_` or `push_` and the kind of notification."""

    id: int
    user_id: int
    account_id: int
    all_email_flags: list[str]
    selected_email_flags: list[str]
    all_push_flags: list[str]
    selected_push_flags: list[str]


class SettingsBody(Struct):
    """Which flags are on; a list that is not sent stays. Unknown flags are not kept."""

    selected_email_flags: list[str] | UnsetType | None = UNSET
    selected_push_flags: list[str] | UnsetType | None = UNSET


_SETTINGS: Final = f"{ROOT}/notification_settings"


@get(_SETTINGS)
async def show_settings(request: ApiRequest) -> SettingsJson:
    """Show what the person wants to be told."""
    return _settings_json(request.user)


@patch(_SETTINGS, opt={"takes": SettingsBody})
async def patch_settings(request: ApiRequest, database: Database) -> SettingsJson:
    """Choose what to be told."""
    return await _change(request, database)


@put(_SETTINGS, opt={"takes": SettingsBody})
async def put_settings(request: ApiRequest, database: Database) -> SettingsJson:
    """Choose what to be told; a list that is not sent stays."""
    return await _change(request, database)


async def _change(request: ApiRequest, database: Database) -> SettingsJson:
    body = await read(request, SettingsBody, wrapped="notification_settings")
    given = {Way.EMAIL: body.selected_email_flags, Way.PUSH: body.selected_push_flags}
    ways = [way for way, flags in given.items() if flags is not UNSET]
    chosen = {flag.replace(f"{way}_", f"{way} ", 1) for way in ways for flag in given[way] or []}
    async with database.transaction() as tx:
        await choose_ways(tx, request.user, chosen, ways)
    return _settings_json(request.user)


def _settings_json(member: Membership) -> SettingsJson:
    kinds = kinds_for(member)
    flags = {way: [f"{way}_{kind}" for kind in kinds] for way in (Way.EMAIL, Way.PUSH)}
    chosen = {
        way: [f"{way}_{kind}" for kind in kinds if way in ways_of(member, kind)] for way in flags
    }
    return SettingsJson(
        id=member.user_id, user_id=member.user_id, account_id=member.account_id,
        all_email_flags=flags[Way.EMAIL], selected_email_flags=chosen[Way.EMAIL],
        all_push_flags=flags[Way.PUSH], selected_push_flags=chosen[Way.PUSH],
    )  # fmt: skip


handlers: list[Any] = [show_settings, patch_settings, put_settings]
