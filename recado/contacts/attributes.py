"""Custom attributes: what an account may say about contacts and conversations, and checking it."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

import re2
from sqlalchemy import select

from recado.accounts.models import Account
from recado.accounts.people import outdate_rules
from recado.contacts.models import AttributeKind, AttributeModel, CustomAttribute
from recado.db.database import Transaction
from recado.db.reading import Listing
from recado.lib.calendars import USUAL_ZONE
from recado.lib.days import day_of
from recado.lib.languages import Sentence, say
from recado.lib.names import name_problem

Checked = tuple[dict[str, Any], dict[str, Sentence]]  # values, and what is wrong, by key
_BARE_DAY: Final = len("2026-12-31")
LONGEST_TEXT: Final = 1_500  # characters of one value
_KEY = re.compile(r"[\w.\-]{1,100}")  # Unicode letters and digits, as the API allows
_RESERVED: Final = {
    AttributeModel.CONVERSATION: frozenset(
        [
            "status",
            "priority",
            "assignee_id",
            "inbox_id",
            "team_id",
            "display_id",
            "campaign_id",
            "labels",
            "browser_language",
            "country_code",
            "referer",
            "created_at",
            "last_activity_at",
        ]
    ),
    AttributeModel.CONTACT: frozenset(
        [
            "name",
            "email",
            "phone_number",
            "identifier",
            "country_code",
            "city",
            "created_at",
            "last_activity_at",
            "referer",
            "blocked",
        ]
    ),
}


@dataclass(frozen=True, slots=True)
class AttributeDraft:
    """A definition as somebody typed it."""

    name: str
    key: str
    kind: AttributeKind
    model: AttributeModel
    description: str = ""
    regex_pattern: str | None = None
    regex_cue: str | None = None
    choices: list[str] = field(default_factory=list)


async def attributes_of(
    tx: Transaction, account_id: int, model: AttributeModel | None = None
) -> list[CustomAttribute]:
    """An account's definitions, contacts' first, by name."""
    return await _ATTRIBUTES.all(tx, account_id=account_id, model=model)


_ATTRIBUTES: Final = Listing(
    CustomAttribute,
    """custom_attributes where account_id = :account_id
        and (:model::text is null or model = :model) order by model, name""",
)


async def attributes_named(
    tx: Transaction, account_id: int, model: AttributeModel, keys: Collection[str]
) -> list[CustomAttribute]:
    """Those of the definitions of one kind that have these keys; for none nothing is asked."""
    if not keys:
        return []
    return await _NAMED.all(tx, account_id=account_id, model=model, keys=list(keys))


_NAMED: Final = Listing(
    CustomAttribute,
    """custom_attributes where account_id = :account_id and model = :model
        and key = any(:keys::text[]) order by name""",
)


async def find_attribute(
    tx: Transaction, account_id: int, attribute_id: int
) -> CustomAttribute | None:
    """A definition of this account."""
    return await tx.scalar(
        select(CustomAttribute).where(
            CustomAttribute.account_id == account_id, CustomAttribute.id == attribute_id
        )
    )


async def attribute_problems(
    tx: Transaction, account_id: int, draft: AttributeDraft, *, but: int | None = None
) -> dict[str, Sentence]:
    """What is wrong with a definition, by field; `but` is the one that may keep its key."""
    problems = _draft_problems(draft)
    query = select(CustomAttribute.id).where(
        CustomAttribute.account_id == account_id,
        CustomAttribute.model == draft.model,
        CustomAttribute.key == draft.key,
        CustomAttribute.id != (but or 0),
    )
    if "key" not in problems and await tx.scalar(query):
        problems["key"] = say("This key is taken.")
    return problems


async def create_attribute(
    tx: Transaction, account_id: int, draft: AttributeDraft, *, now: datetime
) -> CustomAttribute:
    """Add a definition that has no problems."""
    attribute = CustomAttribute(
        account_id=account_id,
        name=draft.name.strip(),
        key=draft.key,
        kind=draft.kind,
        model=draft.model,
        description=draft.description.strip(),
        regex_pattern=draft.regex_pattern or None,
        regex_cue=draft.regex_cue or None,
        choices=list(draft.choices),
        created_at=now,
        updated_at=now,
    )
    tx.add(attribute)
    await tx.flush()
    await outdate_rules(tx, account_id)
    return attribute


async def update_attribute(
    tx: Transaction, attribute: CustomAttribute, draft: AttributeDraft, *, now: datetime
) -> None:
    """Change a definition; key, kind and model stay, since values are stored under them."""
    attribute.name = draft.name.strip()
    attribute.description = draft.description.strip()
    attribute.regex_pattern = draft.regex_pattern or None
    attribute.regex_cue = draft.regex_cue or None
    attribute.choices = list(draft.choices)
    attribute.updated_at = now
    await tx.flush()
    await outdate_rules(tx, attribute.account_id)


async def delete_attribute(tx: Transaction, attribute: CustomAttribute) -> None:
    """Remove a definition; values already stored stay where they are."""
    await tx.delete(attribute)
    await tx.flush()
    await outdate_rules(tx, attribute.account_id)


def key_from(name: str) -> str:
    """A key made from a name: "Número do pedido" -> "numero_do_pedido"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


async def account_values(
    tx: Transaction, account_id: int, definitions: list[CustomAttribute], given: dict[str, Any]
) -> Checked:
    """`checked_values` in the time zone of the account, which is asked for only where it matters."""
    days = (one.key for one in definitions if one.kind == AttributeKind.DATE)
    is_asked = any(len(str(given.get(key, ""))) > _BARE_DAY for key in days)
    zone = (await tx.get_one(Account, account_id)).time_zone if is_asked else USUAL_ZONE
    return checked_values(definitions, given, zone)


def checked_values(
    definitions: list[CustomAttribute], given: dict[str, Any], time_zone: str
) -> Checked:
    """The values as they are stored, and what is wrong, by key. `time_zone` is the account's, for dates.

    Keys without a definition are kept as they are: bridges store their own there. None or ""
    removes a value, so it is None in the result.
    """
    known = {one.key: one for one in definitions}
    values: dict[str, Any] = {}
    problems: dict[str, Sentence] = {}
    for key, value in given.items():
        if key not in known or value is None or value == "":
            values[key] = None if value == "" and key in known else value
            continue
        checked = _checked(known[key], value, time_zone)
        if isinstance(checked, Sentence):
            problems[key] = checked
        else:
            values[key] = checked
    return values, problems


def _draft_problems(draft: AttributeDraft) -> dict[str, Sentence]:
    problems: dict[str, Sentence] = {}
    if problem := name_problem(draft.name):
        problems["name"] = problem
    if not _KEY.fullmatch(draft.key):
        problems["key"] = say("Use letters, digits, dots, hyphens and underscores.")
    elif draft.key in _RESERVED[draft.model]:
        problems["key"] = say("“%(key)s” is the name of a standard attribute.", key=draft.key)
    if draft.kind == AttributeKind.LIST and not draft.choices:
        problems["choices"] = say("Enter at least one value to choose from.")
    if draft.regex_pattern and not _compiles(draft.regex_pattern):
        problems["regex_pattern"] = say("This is not a valid regular expression.")
    return problems


def _compiles(pattern: str) -> bool:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options=options)
    except re2.error:
        return False
    return True


def _checked(attribute: CustomAttribute, value: Any, time_zone: str) -> Any | Sentence:  # any JSON
    match AttributeKind(attribute.kind):
        case AttributeKind.NUMBER | AttributeKind.CURRENCY | AttributeKind.PERCENT:
            return _number(value)
        case AttributeKind.CHECKBOX:
            return _boolean(value)
        case AttributeKind.DATE:
            return _date(value, time_zone)
        case AttributeKind.LINK:
            return _link(value)
        case AttributeKind.LIST:
            if value in attribute.choices:
                return value
            return say(
                "Choose one of: %(choices)s.", choices=", ".join(map(str, attribute.choices))
            )
        case AttributeKind.TEXT:
            return _text(attribute, value)


def _number(value: Any) -> int | float | Sentence:
    wrong = say("Enter a number, such as 12 or 12.50.")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return wrong
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return wrong
    if not number.is_finite() or abs(number) >= Decimal("1e15"):
        return wrong
    return (
        int(number)
        if number == number.to_integral_value() and "." not in str(value)
        else float(number)
    )


def _boolean(value: Any) -> bool | Sentence:
    spellings = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
    found = spellings.get(str(value).strip().lower())
    return say("Enter true or false.") if found is None else found


def _date(value: Any, time_zone: str) -> str | Sentence:
    try:
        return day_of(str(value).strip(), time_zone).isoformat()
    except ValueError:
        return say("Enter a date as 2026-12-31.")


def _link(value: Any) -> str | Sentence:
    text = str(value).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(text) > 2_048:
        return say("Enter a link that begins with https:// or http://.")
    return text


def _text(attribute: CustomAttribute, value: Any) -> str | Sentence:
    text = value if isinstance(value, str) else str(value)
    if len(text) > LONGEST_TEXT:
        return say("Use at most %(number)s characters.", number=LONGEST_TEXT)
    if attribute.regex_pattern and not re2.search(attribute.regex_pattern, text):
        if attribute.regex_cue:
            return say("This does not look right: %(cue)s", cue=attribute.regex_cue)
        return say("This does not match the pattern of the attribute.")
    return text
