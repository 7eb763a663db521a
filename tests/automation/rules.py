"""Words to write rules and facts with, shared by the tests of automation."""

from typing import Any

from recado.automation.conditions import Verdict, compile_rule, evaluate
from recado.automation.known import CustomActionInfo, CustomAttributeInfo, Known
from recado.automation.trees import parse
from recado.contacts.kinds import AttributeKind, AttributeModel

CONVERSATION, CONTACT = AttributeModel.CONVERSATION, AttributeModel.CONTACT
_OF_EACH_TYPE = {kind: CustomAttributeInfo(kind) for kind in AttributeKind}
_PLANS = CustomAttributeInfo(AttributeKind.LIST, ("Free", "platinum", "Ouro"), "Plan")

KNOWN = Known(
    custom_attributes={
        **{(CONTACT, f"c_{kind}"): info for kind, info in _OF_EACH_TYPE.items()},
        **{(CONVERSATION, f"v_{kind}"): info for kind, info in _OF_EACH_TYPE.items()},
        (CONTACT, "c_list"): _PLANS,
        (CONVERSATION, "v_list"): _PLANS,
        (CONTACT, "customer_type"): _PLANS,
        (CONTACT, "cloud_customer"): CustomAttributeInfo(AttributeKind.CHECKBOX),
        (CONVERSATION, "priority_level"): CustomAttributeInfo(AttributeKind.TEXT),
        (CONVERSATION, "same"): CustomAttributeInfo(AttributeKind.TEXT),
        (CONTACT, "same"): CustomAttributeInfo(AttributeKind.NUMBER),
    },
    inboxes={1: "Site", 2: "WhatsApp"},
    agents={5: "Ana", 6: "Beto"},
    teams={3: "vendas", 4: "suporte"},
    files={20: "price list.pdf", 21: "map.png"},
    labels=("bug", "feature", "urgent", "vip"),
    custom_actions={
        10: CustomActionInfo("CRM", is_active=True),
        11: CustomActionInfo("Old", is_active=False),
    },
)


def row(key: str, operator: str, *values: object, then: str | None = None, of: str = "") -> Any:
    """A condition in the API's shape; `then` joins it with the next."""
    return {
        "attribute_key": key,
        "filter_operator": operator,
        "values": list(values),
        "query_operator": then,
        "custom_attribute_type": of,
    }


def changed(key: str, old: list[Any], new: list[Any], then: str | None = None) -> Any:
    """A condition on a change."""
    return row(key, "attribute_changed", then=then) | {"values": {"from": old, "to": new}}


def facts(**parts: Any) -> dict[str, Any]:
    """Facts of a message in an open conversation; each part replaces or, as a dict, adds to them."""
    whole: dict[str, Any] = {
        "event": {"name": "message_created", "at": "2026-11-23T12:00:00Z"},
        "account": {"id": 1, "name": "Acme"},
        "inbox": {"id": 1, "name": "Site", "channel": "api"},
        "contact": {"id": 7, "name": "John", "custom_attribute": {}, "additional_attributes": {}},
        "conversation": {
            "id": 12,
            "status": "open",
            "priority": None,
            "labels": [],
            "custom_attribute": {},
            "additional_attributes": {},
        },
        "message": {
            "content": "hello",
            "message_type": "incoming",
            "private": False,
            "sender_type": "contact",
            "attachments": [],
        },
        "assignee": None,
        "team": None,
        "changes": {},
    }
    for name, part in parts.items():
        is_more = isinstance(part, dict) and isinstance(whole[name], dict)
        whole[name] = {**whole[name], **part} if is_more else part
    return whole


def verdict(conditions: Any, about: dict[str, Any]) -> Verdict:
    """What the rule says about these facts."""
    return evaluate(compile_rule(parse(conditions), KNOWN.custom_attributes), about)


def holds(conditions: Any, about: dict[str, Any]) -> bool:
    """Whether the rule matches; its conditions must be sound."""
    found = verdict(conditions if isinstance(conditions, list) else [conditions], about)
    assert found.error is None
    return found.matched
