"""The numbered behaviours of conditions that users of the API know, and ours beyond them.

Numbers are those of the list of behaviours that Recado keeps. Marks on deviations: [N] absent
values and every value count, [V] refused at save, [E] an error with a reason.
"""

from typing import Any

import pytest

from recado.automation.conditions import RuleSet, compile_rule
from recado.automation.trees import parse
from tests.automation.rules import CONTACT, CONVERSATION, KNOWN, changed, facts, holds, row, verdict


def contact(**values: Any) -> dict[str, Any]:
    return facts(contact=values)


def conversation(**values: Any) -> dict[str, Any]:
    return facts(conversation=values)


def message(**values: Any) -> dict[str, Any]:
    return facts(message=values)


def more(subject: str, **values: Any) -> dict[str, Any]:
    return facts(**{subject: {"additional_attributes": values}})


def custom(subject: str, **values: Any) -> dict[str, Any]:
    return facts(**{subject: {"custom_attribute": values}})


PHONE_OR_MAIL = [
    row("phone_number", "starts_with", "+918484", then="OR"),
    row("email", "contains", "test"),
]
TEXT_AND_TYPE = [
    row("content", "equal_to", "test text", then="AND"),
    row("message_type", "equal_to", "incoming"),
]
COMPANY_RULE = [
    row("company", "equal_to", "Marvel", then="AND"),
    row("customer_type", "equal_to", "platinum", then="AND", of=CONTACT),
    row("inbox_id", "equal_to", 1),
]
LEVEL_RULE = [
    row("priority_level", "equal_to", "P2", then="AND", of=CONVERSATION),
    row("cloud_customer", "equal_to", "false", of=CONTACT),
]
TEAM_RULE = [
    row("team_id", "equal_to", 3, then="AND"),
    row("message_type", "equal_to", "incoming", then="AND"),
    row("email", "equal_to", "tony@stark.com", then="AND"),
    row("company", "equal_to", "Marvel"),
]
TONY = {
    "email": "tony@stark.com",
    "additional_attributes": {"company_name": "Marvel"},
    "custom_attribute": {"customer_type": "platinum"},
}
DC_TO_MARVEL = {"changes": {"company": ["DC", "Marvel"]}}
MOVED = changed("company", ["DC"], ["Marvel"], then="and")
MOVED_OR = changed("company", ["DC"], ["Marvel"], then="or")
SNOOZED = row("status", "equal_to", "snoozed")

NUMBERED = [
    # (number, conditions, facts, holds)
    (18, row("status", "equal_to", "open"), facts(), True),
    (18, row("status", "equal_to", "open"), conversation(status="resolved"), False),
    (19, PHONE_OR_MAIL, contact(phone_number="+918484828282"), True),
    (19, PHONE_OR_MAIL, contact(phone_number="+55119", email="a@x.com"), False),
    (20, TEXT_AND_TYPE, message(content="test text"), True),
    (20, TEXT_AND_TYPE, message(content="test text", message_type="outgoing"), False),
    (21, row("private_note", "equal_to", True), message(private=True), True),
    (21, row("private_note", "equal_to", True), message(private=False), False),
    # 22 is about e-mail; Recado's facts hold the part without quotes as the message's content
    (22, row("content", "contains", "help"), message(content="please HELP me"), True),
    (23, row("status", "equal_to", "pending"), conversation(status="pending"), True),
    (23, row("priority", "equal_to", "urgent"), conversation(priority="urgent"), True),
    (23, row("priority", "equal_to", "urgent"), conversation(priority="low"), False),
    (24, row("labels", "equal_to", "bug"), conversation(labels=["bug"]), True),
    (24, row("labels", "equal_to", "feature"), conversation(labels=["bug"]), False),
    (24, row("labels", "not_equal_to", "feature"), conversation(labels=["bug"]), True),
    (24, row("labels", "not_equal_to", "feature"), conversation(labels=["bug", "feature"]), False),
    (24, row("labels", "not_equal_to", "feature"), conversation(labels=[]), True),  # [N]
    (24, row("labels", "is_present"), conversation(labels=["bug"]), True),
    (24, row("labels", "is_present"), conversation(labels=[]), False),
    (24, row("labels", "is_not_present"), conversation(labels=[]), True),
    (24, row("labels", "is_not_present"), conversation(labels=["bug"]), False),
    (25, row("country_code", "equal_to", "BR"), more("contact", country_code="BR"), True),
    (25, row("country_code", "equal_to", "BR"), more("conversation", country_code="BR"), False),
    (26, row("content", "contains", "KYC"), message(content="KyC message"), True),
    (26, row("content", "equal_to", "sale"), message(content="SALE"), True),
    (
        27,
        row("mail_subject", "contains", "test"),
        more("conversation", mail_subject="A Test"),
        True,
    ),
    (27, row("mail_subject", "contains", "test"), more("conversation", mail_subject="no"), False),
    (28, COMPANY_RULE, contact(**TONY), True),
    (28, COMPANY_RULE, contact(**{**TONY, "custom_attribute": {}}), False),
    (
        29,
        [
            row("email", "contains", "stark.com", then="and"),
            COMPANY_RULE[1] | {"query_operator": None},
        ],
        contact(**TONY),
        True,
    ),
    (30, COMPANY_RULE, facts(contact=TONY, inbox={"id": 2}), False),
    (
        31,
        LEVEL_RULE,
        facts(
            conversation={"custom_attribute": {"priority_level": "P2"}},
            contact={"custom_attribute": {"cloud_customer": False}},
        ),
        True,
    ),
    (31, LEVEL_RULE, facts(conversation={"custom_attribute": {"priority_level": "P2"}}), False),
    (32, [MOVED, SNOOZED], facts(**DC_TO_MARVEL, conversation={"status": "snoozed"}), True),
    (32, [MOVED, SNOOZED], facts(**DC_TO_MARVEL), False),
    (
        32,
        [MOVED, SNOOZED],
        facts(changes={"company": ["Marvel", "DC"]}, conversation={"status": "snoozed"}),
        False,
    ),
    (32, [MOVED_OR, row("status", "equal_to", "open")], facts(**DC_TO_MARVEL), True),
    (32, [MOVED_OR, row("status", "equal_to", "open")], facts(), True),  # [E] a real OR
    (33, TEAM_RULE, facts(contact=TONY, team={"id": 3, "name": "vendas"}), True),
    (33, TEAM_RULE, facts(contact={"email": "b@x.com"}, team={"id": 3, "name": "vendas"}), False),
    (70, row("v_text", "not_equal_to", "x", of=CONVERSATION), facts(), True),
    (70, row("assignee_id", "not_equal_to", 5), facts(), True),  # [N]
    (70, row("email", "not_equal_to", "a@x.com"), facts(), True),  # [N]
    (71, row("priority", "equal_to", "low", "high"), conversation(priority="high"), True),
    (71, row("priority", "not_equal_to", "low", "high"), conversation(priority="high"), False),
    (71, row("priority", "not_equal_to", "low", "high"), conversation(priority="urgent"), True),
    (71, row("priority", "not_equal_to", "low", "high"), facts(), True),  # [N]
    (72, row("labels", "equal_to", "vip", "bug"), conversation(labels=["x", "bug"]), True),  # [N]
    (72, row("labels", "not_equal_to", "vip", "bug"), conversation(labels=["x", "bug"]), False),
    # 73 is about campaigns, which Recado has not; presence of a team instead
    (73, row("team_id", "is_present"), facts(team={"id": 3}), True),
    (73, row("team_id", "is_present"), facts(), False),
    (
        75,
        row("v_date", "is_less_than", "2026-11-23"),
        custom("conversation", v_date="2026-11-22"),
        True,
    ),
    (
        75,
        row("v_date", "is_less_than", "2026-11-23"),
        custom("conversation", v_date="2026-11-23"),
        False,
    ),
    (76, row("v_date", "days_before", 3), custom("conversation", v_date="2026-11-19"), True),
    (76, row("v_date", "days_before", "3"), custom("conversation", v_date="2026-11-20"), False),
    (76, row("v_date", "days_before", 0), facts(), False),
    (78, row("same", "equal_to", "a", of=""), custom("conversation", same="A"), True),
    (
        78,
        row("same", "equal_to", "a") | {"custom_attribute_type": None},
        custom("conversation", same="a"),
        True,
    ),
    (78, row("same", "equal_to", 1, of=CONTACT), custom("contact", same=1), True),
]


@pytest.mark.parametrize(("number", "conditions", "about", "expected"), NUMBERED)
def test_a_numbered_behaviour(number: int, conditions: Any, about: Any, expected: bool) -> None:
    assert holds(conditions, about) is expected, number


TRUE, FALSE = row("status", "equal_to", "open"), row("status", "equal_to", "resolved")


def joined(*parts: Any) -> list[Any]:
    """Rows and joiners in turn."""
    joiners = [*parts[1::2], None]
    return [
        part | {"query_operator": joiner} for part, joiner in zip(parts[::2], joiners, strict=True)
    ]


PRECEDENCE = [
    (67, joined(TRUE, "and", TRUE, "or", TRUE), True),
    (67, joined(FALSE, "and", TRUE, "or", TRUE), True),
    (67, joined(FALSE, "AND", FALSE, "OR", FALSE), False),
    (67, joined(TRUE, "and", FALSE, "or", FALSE), False),
    (68, joined(TRUE, "or", FALSE, "and", FALSE), True),  # left to right would say no
    (68, joined(FALSE, "or", TRUE, "and", FALSE), False),
    (68, joined(FALSE, "or", TRUE, "and", TRUE), True),
    (69, joined(FALSE, "and", TRUE, "or", TRUE, "and", TRUE), True),
    (69, joined(TRUE, "and", TRUE, "or", FALSE, "and", FALSE), True),
    (69, joined(TRUE, "and", FALSE, "or", TRUE, "and", FALSE), False),
]


@pytest.mark.parametrize(("number", "conditions", "expected"), PRECEDENCE)
def test_and_binds_tighter_than_or(number: int, conditions: Any, expected: bool) -> None:
    assert holds(conditions, facts()) is expected, number


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([{"any": [FALSE, TRUE]}], True),
        ([{"all": [FALSE, TRUE]}], False),
        ([{"any": [FALSE, {"all": [TRUE, TRUE]}]}], True),
        ([{"any": [FALSE, {"all": [TRUE, {"any": [FALSE]}]}]}], False),
        ([{"any": [FALSE, FALSE], "query_operator": "or"}, TRUE], True),
        ([TRUE | {"query_operator": "and"}, {"any": [FALSE, TRUE]}], True),
        ([FALSE | {"query_operator": "and"}, {"any": [FALSE, TRUE]}], False),
    ],
)
def test_groups_hold_as_written(conditions: Any, expected: bool) -> None:
    assert holds(conditions, facts()) is expected


OPERATORS = [
    # status and its "all"
    (row("status", "equal_to", "all"), conversation(status="snoozed"), True),
    (row("status", "not_equal_to", "all"), conversation(status="snoozed"), False),
    (row("status", "equal_to", "open", "pending"), conversation(status="pending"), True),
    # "nil" is "none"
    (row("priority", "equal_to", "nil"), facts(), True),
    (row("priority", "equal_to", None), facts(), True),
    (row("priority", "equal_to", "nil", "low"), conversation(priority="low"), True),
    (row("priority", "equal_to", "nil"), conversation(priority="low"), False),
    (row("priority", "not_equal_to", "nil"), facts(), False),
    (row("assignee_id", "equal_to", "nil"), facts(), True),
    (row("team_id", "not_equal_to", "nil"), facts(team={"id": 3}), True),
    # ids are numbers, also as text
    (row("assignee_id", "equal_to", "5"), facts(assignee={"id": 5}), True),
    (row("assignee_id", "equal_to", 5), facts(assignee={"id": "5"}), True),
    (row("assignee_id", "is_present"), facts(assignee={"id": 5}), True),
    (row("assignee_id", "is_not_present"), facts(), True),
    (row("inbox_id", "equal_to", 1, 2), facts(inbox={"id": 2}), True),
    # people's words: neither case nor accents
    (row("content", "contains", "promocao"), message(content="Olá, PROMOÇÃO!"), True),
    (row("content", "contains", "AÇÃO"), message(content="acao"), True),
    (row("content", "contains", "a, b"), message(content="x A, B x"), True),  # commas stay
    (row("content", "contains", "x", "lo"), message(content="hello"), True),
    (row("content", "does_not_contain", "x", "lo"), message(content="hello"), False),
    (row("content", "does_not_contain", "x", "y"), message(content="hello"), True),
    (row("content", "starts_with", "HE", "x"), message(content="hello"), True),
    (row("content", "starts_with", "lo"), message(content="hello"), False),
    (row("content", "is_present"), message(content=""), False),
    (row("name", "equal_to", "JOAO"), contact(name="João"), True),
    (row("city", "equal_to", "sao paulo"), more("contact", city="São Paulo"), True),
    (row("company_name", "contains", "marv"), more("contact", company_name="Marvel"), True),
    # addresses: case does not count, accents do
    (row("email", "equal_to", "J@X.COM"), contact(email="j@x.com"), True),
    (row("email", "contains", "x.com"), contact(email=None), False),
    (row("email", "is_not_present"), contact(email=""), True),
    (row("identifier", "equal_to", "ABC-1"), contact(identifier="abc-1"), True),
    (row("referer", "contains", "/Shop"), more("conversation", referer="https://x.com/shop"), True),
    # phones: only digits
    (row("phone_number", "starts_with", "+55 (11)"), contact(phone_number="+5511987654321"), True),
    (
        row("phone_number", "equal_to", "5511987654321"),
        contact(phone_number="+5511987654321"),
        True,
    ),
    (row("phone_number", "starts_with", "+1"), contact(phone_number=None), False),
    # languages
    (
        row("browser_language", "equal_to", "pt-BR"),
        more("conversation", browser_language="pt_br"),
        True,
    ),
    (row("conversation_language", "equal_to", "pt"), facts(), False),
    # messages
    (row("message_type", "equal_to", "template"), message(message_type="template"), True),
    (row("sender_type", "equal_to", "user"), message(sender_type="contact"), False),
    (row("sender_type", "is_not_present"), message(sender_type=None), True),
    (row("sender_type", "equal_to", "agent_bot"), message(sender_type="agent_bot"), True),
    (
        row("sender_type", "equal_to", "user", "nil"),
        message(sender_type=None),
        True,
    ),  # a rule's own
    (row("sender_type", "not_equal_to", "agent_bot"), message(sender_type=None), True),
    (row("has_attachment", "equal_to", True), message(attachments=[{"id": 1}]), True),
    (row("has_attachment", "equal_to", False), facts(), True),
    # a conversation's event has no message: nothing equals, everything differs
    (row("content", "equal_to", "hello"), facts(message=None), False),
    (row("content", "not_equal_to", "hello"), facts(message=None), True),
    (row("private_note", "equal_to", False), facts(message=None), False),
    (row("private_note", "not_equal_to", True), facts(message=None), True),
    (row("has_attachment", "equal_to", False), facts(message=None), False),
    # regular expressions, anywhere, whatever the case
    (row("content", "matches", r"\bped\w+ \d{3}\b"), message(content="Meu PEDIDO 123"), True),
    (row("content", "matches", r"^lo", "zzz"), message(content="hello"), False),
    (row("content", "matches", ".*"), facts(message=None), False),
    (row("content", "matches", "pre.o"), message(content="PREÇO"), True),
    (row("content", "matches", "x"), message(content="\ud800x"), True),
    # dates
    (
        row("created_at", "is_greater_than", "2026-11-22"),
        conversation(created_at="2026-11-23T01:00:00Z"),
        True,
    ),
    (
        row("last_activity_at", "days_before", 7),
        conversation(last_activity_at="2026-11-01T01:00:00Z"),
        True,
    ),
]


@pytest.mark.parametrize(("condition", "about", "expected"), OPERATORS)
def test_an_operator(condition: Any, about: Any, expected: bool) -> None:
    assert holds(condition, about) is expected


TYPED = [
    ("text", "equal_to", ["x", "AÇO"], "aço", True),
    ("text", "contains", ["aco"], "O aço", True),
    ("number", "equal_to", ["12.50"], 12.5, True),
    ("number", "equal_to", [1, 2], 2, True),
    ("number", "is_greater_than", ["9"], 10, True),  # as texts it would not be
    ("number", "is_less_than", [10], "9", True),
    ("number", "is_greater_than", [1], "abc", False),  # unreadable counts as missing
    ("number", "is_present", [], "abc", False),
    ("number", "not_equal_to", [0], True, True),  # true is no number
    ("number", "equal_to", [9007199254740993], 9007199254740992, False),
    ("currency", "is_greater_than", [99.9], 100, True),
    ("percent", "equal_to", [12], 12.0, True),
    ("link", "starts_with", ["https://X.com"], "https://x.com/a", True),
    ("date", "equal_to", ["2026-11-23"], "2026-11-23T03:00:00.000Z", True),
    ("date", "is_greater_than", ["2026-11-22"], "2026-11-23", True),
    ("date", "is_less_than", ["2026-11-22"], "soon", False),
    ("list", "equal_to", ["Free", "Platinum"], "platinum", True),
    ("list", "not_equal_to", ["Free", "platinum"], "platinum", False),
    ("checkbox", "equal_to", [True], True, True),
    ("checkbox", "equal_to", ["false"], False, True),
    ("checkbox", "equal_to", [False], None, False),  # never ticked is not "no"
    ("checkbox", "not_equal_to", [True], None, True),
    ("checkbox", "is_present", [], False, True),
]


@pytest.mark.parametrize("model", ["contact", "conversation"])
@pytest.mark.parametrize(("kind", "operator", "values", "actual", "expected"), TYPED)
def test_a_custom_attribute_is_compared_by_its_type(
    model: str, kind: str, operator: str, values: list[Any], actual: Any, expected: bool
) -> None:
    key = f"{'c' if model == 'contact' else 'v'}_{kind}"
    condition = row(key, operator, *values, of=f"{model}_attribute")
    assert holds(condition, custom(model, **{key: actual})) is expected


CHANGES = [
    (changed("status", ["open"], ["resolved"]), {"status": ["open", "resolved"]}, True),
    (changed("status", [], ["resolved"]), {"status": ["open", "resolved"]}, True),  # from anything
    (changed("status", [], []), {"status": ["open", "resolved"]}, True),  # changed at all
    (changed("status", [], []), {"status": ["open", "open"]}, False),
    (changed("status", [], []), {"priority": ["low", "high"]}, False),  # [E] absent is unchanged
    (changed("assignee_id", ["5"], [6]), {"assignee_id": [5, 6]}, True),  # ids are coerced
    (changed("assignee_id", ["nil"], ["6"]), {"assignee_id": [None, 6]}, True),
    (changed("team_id", [], ["nil"]), {"team_id": [3, None]}, True),
    (changed("priority", [None], ["urgent"]), {"priority": [None, "urgent"]}, True),
    (changed("labels", [], ["vip"]), {"labels": [["bug"], ["bug", "vip"]]}, True),  # put on
    (changed("labels", [], ["vip"]), {"label_list": [["bug"], ["bug", "vip"]]}, True),
    (changed("labels", [], ["vip"]), {"labels": [["vip"], ["bug", "vip"]]}, False),  # was there
    (changed("labels", [], []), {"labels": [["bug", "vip"], ["vip", "bug"]]}, False),  # the same
    (changed("labels", ["vip"], []), {"labels": [["bug", "vip"], ["bug"]]}, True),  # taken away
    (changed("labels", ["nil"], []), {"labels": [[], ["bug"]]}, True),  # the first one
    (changed("labels", [], ["nil"]), {"labels": [["bug"], []]}, True),  # the last one
    (changed("v_number", [1], ["2"]), {"v_number": [1, 2.0]}, True),
    (
        changed("v_number", [1], [2]),
        {"custom_attributes": [{"v_number": 1}, {"v_number": 2}]},
        True,
    ),
    (changed("v_text", ["nil"], ["x"]), {"custom_attributes": [{}, {"v_text": "X"}]}, True),
    (
        changed("company", [], ["marvel"]),
        {"additional_attributes": [{}, {"company_name": "Marvel"}]},
        True,
    ),
    (changed("email", ["a@x.com"], []), {"email": ["a@x.com", None]}, True),
    (changed("status", [], []), {"status": "open"}, False),
    (changed("status", [], []), None, False),
]


@pytest.mark.parametrize(("condition", "changes", "expected"), CHANGES)
def test_a_change_is_seen(condition: Any, changes: Any, expected: bool) -> None:
    assert holds(condition, facts(changes=changes)) is expected


def test_every_condition_is_told_with_what_it_found() -> None:
    found = verdict(
        [row("content", "contains", "bye", then="and"), row("same", "equal_to", 3, of=CONTACT)],
        facts(contact={"custom_attribute": {"same": 3}}),
    )
    assert found.matched is False
    assert found.trace == [
        {
            "place": "conditions.0",
            "attribute_key": "content",
            "custom_attribute_type": "",
            "operator": "contains",
            "expected": ["bye"],
            "actual": "hello",
            "result": False,
        },
        {
            "place": "conditions.1",
            "attribute_key": "same",
            "custom_attribute_type": "contact_attribute",
            "operator": "equal_to",
            "expected": [3],
            "actual": 3,
            "result": True,
        },
    ]


def test_a_long_value_is_cut_in_the_trace() -> None:
    found = verdict([row("content", "contains", "b")], message(content="a" * 9_000))
    assert found.trace[0]["actual"] == "a" * 500 + "…"


def test_39_an_attribute_deleted_later_is_an_error_that_names_it() -> None:
    rule = compile_rule(parse([row("gone", "equal_to", "x", then="or"), TRUE]), {})
    found = RuleSet({1: rule}).test(facts()).verdict(1)
    assert found.matched is False
    assert "gone" in str(found.error)
    assert [line["result"] for line in found.trace] == [None, True]


@pytest.mark.parametrize("conditions", [[], None, "x", [3], [{"any": []}], [{"all": "x"}]])
def test_a_rule_that_cannot_be_read_never_matches(conditions: Any) -> None:
    found = verdict(conditions, facts())
    assert found.matched is False
    assert found.error is not None


@pytest.mark.parametrize("about", [{}, {"contact": 3, "conversation": []}, {"changes": [1]}])
def test_facts_of_any_shape_are_survived(about: Any) -> None:
    keys = ["status", "labels", "assignee_id", "content", "email", "has_attachment", "created_at"]
    assert [holds(row(key, "is_present"), about) for key in keys] == [False] * len(keys)


def test_rules_of_a_set_are_told_in_their_order() -> None:
    rules = {
        9: compile_rule(parse([TRUE]), {}),
        4: compile_rule(parse([FALSE]), {}),
        7: compile_rule(parse([]), {}),
        2: compile_rule(parse([TRUE]), {}),
    }
    verdicts = RuleSet(rules).test(facts())
    assert verdicts.matched == [9, 2]
    assert [(rule_id, one.matched) for rule_id, one in verdicts] == [
        (9, True), (4, False), (7, False), (2, True)
    ]  # fmt: skip


def test_opposite_conditions_are_told_apart_though_tested_once() -> None:
    is_open, is_not_open = TRUE, row("status", "not_equal_to", "open")
    written = [
        [is_open],
        [is_not_open],
        [{"any": [is_open, FALSE]}],
        [{"all": [is_open, FALSE]}],
        [{"any": [is_not_open, FALSE]}],
        [{"all": [is_open, is_not_open]}],
        [{"any": [is_open, is_not_open]}],
    ]
    rules = {number: compile_rule(parse(one), {}) for number, one in enumerate(written)}
    assert RuleSet(rules).test(facts()).matched == [0, 2, 6]


def test_an_empty_set_matches_nothing() -> None:
    assert RuleSet({}).test(facts()).matched == []


def test_custom_attributes_of_an_undefined_model_fall_back_to_the_contact() -> None:
    assert holds(row("customer_type", "equal_to", "free"), custom("contact", customer_type="Free"))
    assert ("conversation_attribute", "customer_type") not in KNOWN.custom_attributes
