"""The rows about contacts."""

import pytest

from tests.api.contract.rows import row, rule
from tests.api.contract.wire import DELTAWOOT, FIGURO, N8N, Wire, as_multipart, multipart

CONTACT = {
    "id", "name", "email", "phone_number", "identifier", "thumbnail", "blocked",
    "availability_status", "custom_attributes", "additional_attributes", "last_activity_at",
    "created_at", "contact_inboxes",
}  # fmt: skip


@row("POST contacts")
@rule("envelopes", "200 on create")
async def test_a_bridge_makes_a_contact_and_is_told_the_source_id(wire: Wire) -> None:
    body = (
        '{"inbox_id":1,"name":"Maria","phone_number":"+5511912345678",'
        '"identifier":"5511912345678@s.whatsapp.net","avatar_url":"https://pps.example/a.jpg"}'
    )
    told = await wire.ok("POST …/contacts", FIGURO, body)
    assert set(told) == {"payload"}
    assert set(told["payload"]) == {"contact", "contact_inbox"}
    contact, known = told["payload"]["contact"], told["payload"]["contact_inbox"]
    assert set(contact) == CONTACT
    assert (contact["identifier"], contact["thumbnail"]) == (
        "5511912345678@s.whatsapp.net", "https://pps.example/a.jpg",
    )  # fmt: skip
    assert contact["contact_inboxes"][0]["source_id"] == known["source_id"]
    assert known["inbox"]["id"] == contact["contact_inboxes"][0]["inbox"]["id"] == 1
    assert known["inbox"]["channel_type"] == "Channel::Api"


@row("POST contacts")
async def test_a_contact_is_known_by_the_source_id_that_is_sent(wire: Wire) -> None:
    told = await wire.ok("POST …/contacts", FIGURO, '{"inbox_id":"1","source_id":"ext-7"}')
    assert told["payload"]["contact_inbox"]["source_id"] == "ext-7"
    plain = await wire.ok("POST …/contacts", FIGURO, '{"name":"José"}')
    assert plain["payload"]["contact_inbox"] == {"source_id": None, "inbox": None}


@row("GET contacts/search")
@rule("envelopes")
@pytest.mark.usefixtures("maria")
@pytest.mark.parametrize("q", ["mARIA", "example.com", "%2B55119", "912345678"])
async def test_a_contact_is_found_by_a_part(wire: Wire, q: str) -> None:
    found = await wire.ok(f"GET …/contacts/search?q={q}&page=1&sort=-name", FIGURO)
    assert set(found) == {"payload", "meta"}
    assert found["meta"] == {"count": 1, "current_page": 1, "has_more": False}
    assert set(found["payload"][0]) == CONTACT


@row("GET contacts")
@rule("envelopes")
async def test_contacts_come_by_fifteen(wire: Wire) -> None:
    for number in range(16):
        await wire.ok("POST …/contacts", N8N, f'{{"name":"N{number:02}"}}')
    first = await wire.ok("GET …/contacts?page=1&sort=-name", N8N)
    assert first["meta"] == {"count": 16, "current_page": 1}
    assert [one["name"] for one in first["payload"]][:2] == ["N15", "N14"]
    assert len(first["payload"]) == 15
    assert [one["name"] for one in (await wire.ok("GET …/contacts?page=2"))["payload"]] == ["N15"]


@row("GET contacts")
async def test_contacts_are_listed_by_label_and_by_what_else_is_known(wire: Wire) -> None:
    for name, city in (("A", "Zurique"), ("B", "Aracaju"), ("C", "")):
        more = f'{{"city":"{city}","company_name":"{name}co","country":"BR"}}'
        await wire.ok("POST …/contacts", N8N, f'{{"name":"{name}","additional_attributes":{more}}}')
    await wire.ok("POST …/contacts/3/labels", N8N, '{"labels":["vip"]}')
    labelled = await wire.ok("GET …/contacts?labels[]=vip", N8N)
    assert [one["name"] for one in labelled["payload"]] == ["C"]
    assert labelled["meta"]["count"] == 1
    for sort, names in (("city", "BAC"), ("-city", "ABC"), ("-company", "CBA"), ("country", "ABC")):
        listed = await wire.ok(f"GET …/contacts?sort={sort}", N8N)
        assert "".join(one["name"] for one in listed["payload"]) == names, sort


@row("GET contacts/{id}")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_a_contact_is_shown_under_payload(wire: Wire) -> None:
    told = await wire.ok("GET …/contacts/1", DELTAWOOT)
    assert set(told) == {"payload"}
    assert set(told["payload"]) == CONTACT
    assert told["payload"]["contact_inboxes"][0]["source_id"]


@row("PUT contacts/{id}", "PATCH contacts/{id}")
@rule("envelopes")
@pytest.mark.usefixtures("maria")
async def test_attributes_merge(wire: Wire) -> None:
    first = '{"custom_attributes":{"plan":"gold"},"additional_attributes":{"city":"Recife"}}'
    await wire.ok("PUT …/contacts/1", FIGURO, first)
    second = '{"custom_attributes":{"age":7},"additional_attributes":{"country":"BR"}}'
    told = (await wire.ok("PATCH …/contacts/1", FIGURO, second))["payload"]
    assert told["custom_attributes"] == {"plan": "gold", "age": 7}
    assert told["additional_attributes"] == {"city": "Recife", "country": "BR"}
    assert told["name"] == "Maria Souza"


@row("PUT contacts/{id}")
@pytest.mark.usefixtures("maria")
async def test_a_contact_is_changed_by_multipart(wire: Wire) -> None:
    body = multipart(("name", "Ána"), ("custom_attributes", '{"plan":"gold"}'))
    told = (await wire.ok("PUT …/contacts/1", as_multipart(FIGURO), body))["payload"]
    assert (told["name"], told["custom_attributes"]) == ("Ána", {"plan": "gold"})


@row("DELETE contacts/{id}")
@pytest.mark.usefixtures("chat")
async def test_a_contact_is_deleted_with_their_conversations(wire: Wire) -> None:
    assert await wire.ok("DELETE …/contacts/1") is None
    for line in ("GET …/contacts/1", "GET …/conversations/1"):
        assert (await wire.send(line)).status == 404


@row("GET contacts/{id}/conversations")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_a_bridge_finds_the_conversation_of_a_contact(wire: Wire) -> None:
    body = '{"content":"Oi","message_type":"incoming"}'
    await wire.ok("POST …/conversations", FIGURO, '{"contact_id":1,"inbox_id":"1"}')
    await wire.ok("POST …/conversations/1/messages", FIGURO, body)
    told = await wire.ok("GET …/contacts/1/conversations", FIGURO)
    assert set(told) == {"payload"}
    assert [one["id"] for one in told["payload"]] == [1, 2]  # the newest activity first
    first = told["payload"][0]
    assert (first["inbox_id"], first["status"]) == (1, "open")
    assert first["messages"][0]["inbox_id"] == 1


FILTERS = [
    ("phone_number", "equal_to", '["5511912345678"]', 1),
    ("phone_number", "equal_to", '["+5511912345678"]', 1),
    ("email", "equal_to", '["MARIA@example.com"]', 1),
    ("name", "contains", '["souza"]', 1),
    ("name", "does_not_contain", '["souza"]', 0),
    ("identifier", "is_present", "[]", 0),
    ("name", "not_equal_to", '["x"]', 1),
    ("name", "equal_to", '"Maria Souza"', 1),
]


@row("POST contacts/filter")
@rule("envelopes")
@pytest.mark.usefixtures("maria")
@pytest.mark.parametrize(("key", "operator", "values", "number"), FILTERS)
async def test_contacts_are_filtered(
    wire: Wire, key: str, operator: str, values: str, number: int
) -> None:
    condition = (
        f'{{"attribute_key":"{key}","filter_operator":"{operator}","values":{values},'
        '"query_operator":null,"attribute_model":"standard","custom_attribute_type":""}'
    )
    told = await wire.ok("POST …/contacts/filter", FIGURO, f'{{"payload":[{condition}]}}')
    assert told["meta"] == {"count": number, "current_page": 1}
    assert len(told["payload"]) == number


@row("POST contacts/filter")
@pytest.mark.usefixtures("maria")
@pytest.mark.parametrize(
    ("join", "number"), [("OR", 1), ("or", 1), ("AND", 0), ("and", 0)]
)  # fmt: skip
async def test_conditions_are_joined_in_any_case(wire: Wire, join: str, number: int) -> None:
    row_of = (
        '{"attribute_key":"%s","filter_operator":"equal_to","values":["%s"],"query_operator":%s}'
    )
    rows = ",".join(
        [
            row_of % ("identifier", "5511@s.whatsapp.net", f'"{join}"'),
            row_of % ("phone_number", "5511912345678", "null"),
        ]
    )
    told = await wire.ok("POST …/contacts/filter?page=1", FIGURO, f'{{"payload":[{rows}]}}')
    assert len(told["payload"]) == number


@row("GET contacts/{id}/labels", "POST contacts/{id}/labels")
@rule("envelopes")
@pytest.mark.usefixtures("maria")
async def test_labels_of_a_contact_are_replaced(wire: Wire) -> None:
    assert await wire.ok("GET …/contacts/1/labels") == {"payload": []}
    for labels in ('["vip","late"]', '["vip"]'):
        told = await wire.ok("POST …/contacts/1/labels", FIGURO, f'{{"labels":{labels}}}')
    assert told == await wire.ok("GET …/contacts/1/labels") == {"payload": ["vip"]}


@row("POST contacts/{id}/contact_inboxes", "GET contacts/{id}/contactable_inboxes")
@rule("envelopes")
@pytest.mark.usefixtures("maria")
async def test_a_contact_becomes_known_to_an_inbox(wire: Wire) -> None:
    body = '{"inbox_id":"1","source_id":"ext-1"}'
    made = await wire.ok("POST …/contacts/1/contact_inboxes", N8N, body)
    assert (made["source_id"], made["inbox"]["id"]) == ("ext-1", 1)
    told = await wire.ok("GET …/contacts/1/contactable_inboxes", N8N)
    [place] = told["payload"]
    assert (place["source_id"], place["inbox"]["id"]) == ("ext-1", 1)


@row("POST contacts/{id}/destroy_custom_attributes")
@pytest.mark.usefixtures("maria")
async def test_custom_attributes_are_taken_away(wire: Wire) -> None:
    await wire.ok("PUT …/contacts/1", FIGURO, '{"custom_attributes":{"a":1,"b":2}}')
    body = '{"custom_attributes":["a"]}'
    told = await wire.ok("POST …/contacts/1/destroy_custom_attributes", FIGURO, body)
    assert told["payload"]["custom_attributes"] == {"b": 2}


@row("POST actions/contact_merge")
@rule("envelopes")
@pytest.mark.usefixtures("chat")
async def test_two_contacts_become_one(wire: Wire) -> None:
    await wire.ok("POST …/contacts", FIGURO, '{"name":"Base","inbox_id":1}')
    body = '{"base_contact_id":2,"mergee_contact_id":"1"}'
    told = await wire.ok("POST …/actions/contact_merge", FIGURO, body)
    assert set(told) == CONTACT
    assert (told["id"], told["email"]) == (2, "maria@example.com")
    assert (await wire.send("GET …/contacts/1")).status == 404
    assert (await wire.ok("GET …/conversations/1"))["meta"]["sender"]["id"] == 2
