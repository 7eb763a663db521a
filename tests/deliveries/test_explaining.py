"""Every end and every trouble has its sentence, in every language."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from recado.deliveries.explaining import _ADVICE, Explanation, explain, explain_trouble
from recado.deliveries.proposing import Field, proposal_from
from recado.deliveries.settling import HOLD_LASTS
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


# Every trouble: what to do about it once it has failed, and whether an edit can mend it.
TROUBLES = {
    Trouble.TIMEOUT: ("Check that it is running", None),
    Trouble.DNS: ("Check the spelling of the address", None),
    Trouble.CONNECT: ("Check the host and the port", None),
    Trouble.TLS: ("The receiver must present a valid certificate", None),
    Trouble.ADDRESS_REFUSED: ("Use a public address", None),
    Trouble.RESET: ("its log would tell", Field.URL),
    Trouble.NOT_HTTP: ("Check the port in the URL", Field.URL),
    Trouble.TOO_LARGE: ("The receiver must send less", None),
    Trouble.REDIRECT: ("Put the final address into the URL", Field.URL),
    Trouble.HTTP_STATUS: ("Add the header Content-Type", Field.CONTENT_TYPE),
    Trouble.TEMPLATE: ("Correct the custom action", None),
    Trouble.TOKEN: ("Check the address that gives the token", None),
    Trouble.TOKEN_REFUSED: ("Check client ID", Field.AUTH),
    Trouble.SECRET: ("Enter the secret again", None),
    Trouble.INTERRUPTED: ("the same webhook-id", None),
    Trouble.STOPPED: ("then test it again", None),
    Trouble.BUG: ("The server's log has the details", None),
}
# Every reason without a trouble: what to do about it.
WHYS = {
    Why.ACTION_OFF: "Switch it on, then send this again",
    Why.ACTION_DRAFT: "Test and save it, then send this again",
    Why.ACTION_DELETED: "Make a new one",
    Why.BY_PERSON: "Send it again",
    Why.UNKNOWN_THERE: "must be there, too",
    Why.EXPIRED: "Send it again if it is still of use",
    Why.CLOSED: "sent only while it is",
    Why.GONE: "Correct the URL of the custom action and switch it on",
    Why.SURGE: "Send it again",
    Why.REPLACED: "There is nothing to do",
    Why.SAME: "There is nothing to do",
    Why.ERASED: "nothing of it is kept",
    Why.AGAIN: None,  # it waits for nobody: it goes out next
}
STATUS = {Trouble.REDIRECT: 308, Trouble.HTTP_STATUS: 415}
SENT = {"method": "POST", "url": "http://crm.example:443/a", "headers": [], "body": "{}",
        "auth": {"kind": "bearer", "values": {}, "secrets": {}}}  # fmt: skip


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_says_what_to_do_and_proposes_the_edit_that_mends_it(
    trouble: Trouble,
) -> None:
    advice, field = TROUBLES[trouble]
    reason = {"trouble": trouble, "status": STATUS.get(trouble)}
    told = explain(State.FAILED, reason)
    assert advice in str(told.advice)
    proposed = proposal_from(reason, SENT, [["Location", "https://crm.example/b"]])
    assert (proposed.field if proposed else None) == field


@pytest.mark.parametrize("why", Why)
def test_every_reason_says_what_to_do(why: Why) -> None:
    told, advice = explain(State.SKIPPED, {"why": why, "who": "Ana"}), WHYS[why]
    assert (advice in str(told.advice)) if advice else told.advice is None


def test_what_is_held_says_what_to_do_and_for_how_long() -> None:
    told = explain(State.HELD, {"why": Why.ACTION_OFF})
    assert str(told.advice) == "Switch it on, and this is sent; after 7 days it expires."
    assert timedelta(days=7) == HOLD_LASTS


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


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The receiver's certificate expired on Jan 1, 2020."),
        ("pt_BR", "O certificado do destinatário venceu em 1 de jan. de 2020."),
        ("es", "El certificado del destinatario venció el 1 ene 2020."),
    ],
)
def test_an_expired_certificate_says_since_when(language: str, sentence: str) -> None:
    told = explain_trouble(Trouble.TLS, {"detail": "certificate has expired on 2020-01-01"})
    with speaking(language):
        assert str(told.happened) == sentence


def test_a_value_that_looks_like_a_placeholder_is_left_alone() -> None:
    told = explain(State.CANCELLED, {"why": "by_person", "who": "%(who)s 100 %"})
    assert str(told.happened) == "Cancelled by %(who)s 100 %."
    assert say("100 %").values == {}
