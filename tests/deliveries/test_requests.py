"""A request between the row that keeps it and the wire."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from recado.deliveries.requests import completed, frozen, request_from, secret_ids, shown
from recado.lib.masks import MASK
from recado.lib.outcomes import Request, RequestHeader
from tests.people import NOW

HEADERS = (RequestHeader("X-Source", "recado"), RequestHeader("Authorization", "Bearer ", 7))
REQUEST = Request("POST", "https://crm.example/a?b=c", HEADERS, '{"a": "é"}')

_texts = st.text(st.characters(exclude_categories=["Cs"]))
_headers = st.builds(RequestHeader, _texts, _texts, st.none() | st.integers(1, 2**62))
_requests = st.builds(Request, _texts, _texts, st.lists(_headers).map(tuple), st.none() | _texts)


@given(_requests)
def test_a_request_comes_back_from_its_row_as_it_was(request: Request) -> None:
    assert request_from(orjson.loads(orjson.dumps(frozen(request)))) == request


def test_secrets_are_only_numbers() -> None:
    assert secret_ids(frozen(REQUEST)) == {7}
    assert secret_ids({}) == set()


def test_people_see_a_mask_in_the_place_of_a_secret() -> None:
    assert shown(frozen(REQUEST)) == {
        "method": "POST",
        "url": "https://crm.example/a?b=c",
        "headers": [
            {"name": "X-Source", "value": "recado"},
            {"name": "Authorization", "value": MASK},
        ],
        "body": '{"a": "é"}',
    }


def test_a_request_that_could_not_be_made_is_shown_empty() -> None:
    assert shown({}) == {"method": None, "url": None, "headers": [], "body": None}


def test_every_attempt_carries_id_time_and_key() -> None:
    sent = completed(REQUEST, "msg_1", now=NOW)
    assert sent.headers[:2] == HEADERS
    assert [(one.name, one.value) for one in sent.headers[2:]] == [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1795435200"),
        ("Idempotency-Key", "msg_1"),
        ("Recado-Chain", "msg_1"),
    ]
    assert (sent.method, sent.url, sent.body) == (REQUEST.method, REQUEST.url, REQUEST.body)
