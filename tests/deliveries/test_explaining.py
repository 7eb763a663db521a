"""Every end and every trouble has its sentence, in every language."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from recado.deliveries.explaining import _ADVICE, Explanation, explain
from recado.deliveries.states import State, Why
from recado.lib.languages import LANGUAGES, Sentence, gettext, say, speaking
from recado.lib.outcomes import Trouble

ABROAD = [one for one in LANGUAGES if one != "en"]
STATUSES = (*_ADVICE, 402, 418, 500, 503)


def reasons() -> Iterator[Mapping[str, Any]]:
    yield {}
    yield from ({"why": why, "who": "Ana"} for why in Why)
    yield from (
        {"trouble": trouble, "status": 302, "detail": "expired", "tries": tries}
        for trouble in Trouble
        for tries in (1, 9)
    )
    yield from ({"trouble": Trouble.HTTP_STATUS, "status": status} for status in STATUSES)
    yield {"trouble": None, "status": 204}


def sentences(explanation: Explanation) -> Iterator[Sentence]:
    yield explanation.happened
    if explanation.advice:
        yield explanation.advice


@pytest.mark.parametrize("state", State)
def test_every_state_and_reason_has_a_sentence(state: State) -> None:
    for reason in reasons():
        for sentence in sentences(explain(state, reason)):
            assert str(sentence).endswith("."), reason
            assert "%(" not in str(sentence), reason


@pytest.mark.parametrize("language", ABROAD)
@pytest.mark.parametrize("state", State)
def test_nothing_stays_untranslated(state: State, language: str) -> None:
    for reason in reasons():
        for sentence in sentences(explain(state, reason)):
            with speaking(language):
                assert gettext(sentence.text) != sentence.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_name_the_same_values(language: str) -> None:
    for reason in reasons():
        for sentence in sentences(explain(State.FAILED, reason)):
            with speaking(language):
                for name in sentence.values:
                    assert f"%({name})s" in gettext(sentence.text)


def test_reasons_come_back_from_rows_as_plain_text() -> None:
    kept = {"trouble": "http_status", "status": 401, "tries": 1}
    assert str(explain(State.FAILED, kept)) == (
        "The receiver answered 401. It wants a valid key or password: check the header it expects."
    )


def test_a_success_says_what_was_answered() -> None:
    assert str(explain(State.DELIVERED, {"trouble": None, "status": 201})) == (
        "Delivered: the receiver answered 201."
    )


def test_giving_up_says_after_how_many_tries() -> None:
    told = explain(State.FAILED, {"trouble": "timeout", "tries": 9})
    assert str(told.advice) == "Given up after 9 tries."


def test_a_template_that_failed_says_what_the_renderer_said() -> None:
    kept = {"text": "The text becomes longer than 256 KiB.", "values": {}}
    told = explain(State.FAILED, {"trouble": "template", "sentence": kept})
    assert str(told.happened) == "The text becomes longer than 256 KiB."
    with speaking("pt_BR"):
        assert str(told.happened) != "The text becomes longer than 256 KiB."


def test_a_value_that_looks_like_a_placeholder_is_left_alone() -> None:
    told = explain(State.CANCELLED, {"why": "by_person", "who": "%(who)s 100 %"})
    assert str(told) == "Cancelled by %(who)s 100 %."
    assert say("100 %").values == {}
