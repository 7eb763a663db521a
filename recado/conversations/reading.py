"""Reading what somebody chose or typed on the desk into what the verbs take."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from recado.accounts.models import Team
from recado.accounts.people import Colleague, colleagues_of, find_membership
from recado.accounts.teams import find_team, teams_of
from recado.contacts.labels import LabelChoice, is_label, label_choices
from recado.conversations.changing import Change
from recado.conversations.finding import SORTS
from recado.conversations.models import Conversation, Priority, Status
from recado.conversations.viewing import TABS, Choice, ListView
from recado.db.database import Transaction
from recado.inboxes.opening import answers_in, inbox_member_ids
from recado.lib.numbers import number_in


def choice_from(query: Mapping[str, str]) -> Choice:
    """Which conversations an address asks for; nonsense counts as not said."""
    tab, status = query.get("tab", ""), query.get("status", "")
    priority, sort = query.get("priority", ""), query.get("sort", "")
    return Choice(
        tab=tab if tab in TABS else "",
        status=status if status in {*Status, "all"} else Status.OPEN,
        inbox_id=number_in(query.get("inbox")),
        team_id=number_in(query.get("team")),
        label=query.get("label", "")[:100].replace("\0", ""),
        priority=priority if priority in set(Priority) else "",
        sort=sort if sort in SORTS else "",
        page=number_in(query.get("page")) or 1,
        view_id=number_in(query.get("view")),
    )


async def choices_for(
    tx: Transaction, conversation: Conversation, view: ListView | None = None
) -> tuple[list[Colleague], Sequence[Team], Sequence[LabelChoice]]:
    """Who can be assigned (who answers in its inbox), and the account's teams and labels; taken from
    the list beside the conversation where there is one.
    """
    account_id = conversation.account_id
    able = await who_can_have(tx, conversation, view)
    teams = view.teams if view else await teams_of(tx, account_id)
    labels = view.labels if view else await label_choices(tx, account_id)
    return able, teams, labels


async def who_can_have(
    tx: Transaction, conversation: Conversation, view: ListView | None = None
) -> list[Colleague]:
    """Who answers in a conversation's inbox, by name; see `choices_for`."""
    answering = await inbox_member_ids(tx, conversation.inbox_id)
    members = view.members if view else await colleagues_of(tx, conversation.account_id)
    return [one for one in members if one.is_administrator or one.user_id in answering]


async def change_from(
    tx: Transaction, conversation: Conversation, form: Mapping[str, Any]
) -> Change | None:
    """The change that a form asks for; None when it names something that is not there."""
    given = {name: str(form[name]) for name in _CHANGEABLE if name in form}
    for name, value in given.items():
        is_none = not value and name in _CAN_BE_NONE
        if not is_none and not await _is_there(tx, conversation, name, value):
            return None
    return _change(conversation, given)


_CAN_BE_NONE: Final = ("priority", "assignee", "team", "add_label")
_CHANGEABLE: Final = (*_CAN_BE_NONE, "status", "remove_label")


async def _is_there(tx: Transaction, conversation: Conversation, name: str, value: str) -> bool:
    account_id, number = conversation.account_id, number_in(value) or 0
    match name:
        case "assignee":
            member = await find_membership(tx, account_id, number)
            return member is not None and await answers_in(tx, member, conversation.inbox_id)
        case "team":
            return await find_team(tx, account_id, number) is not None
        case "add_label":
            return await is_label(tx, account_id, value)
        case "remove_label":
            return value in conversation.labels
        case _:
            return value in (tuple(Status) if name == "status" else tuple(Priority))


def _change(conversation: Conversation, given: Mapping[str, str]) -> Change:
    change = Change()
    if "status" in given:
        change["status"] = given["status"]
    if "priority" in given:
        change["priority"] = given["priority"] or None
    if "assignee" in given:
        change["assignee_id"] = number_in(given["assignee"])
    if "team" in given:
        change["team_id"] = number_in(given["team"])
    if given.get("add_label"):
        change["labels"] = [*conversation.labels, given["add_label"]]
    if "remove_label" in given:
        change["labels"] = [one for one in conversation.labels if one != given["remove_label"]]
    return change
