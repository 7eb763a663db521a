"""Three languages, one way to say a sentence."""

import asyncio

import pytest

from recado.lib.languages import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    Sentence,
    gettext,
    known_language,
    language,
    ngettext,
    number_text,
    say,
    set_language,
    size_text,
    speaking,
)

GIVEN_UP = "Given up after %(tries)s tries."


def test_a_sentence_is_said_in_the_language_of_whoever_reads_it() -> None:
    sentence = say(GIVEN_UP, tries=3)
    said = {}
    for one in LANGUAGES:
        with speaking(one):
            said[one] = str(sentence)
    assert said["en"] == "Given up after 3 tries."
    assert len(set(said.values())) == 3
    assert all("3" in one for one in said.values())


def test_a_value_may_be_a_sentence_itself() -> None:
    inner = say("Waiting to be sent.")
    with speaking("pt_BR"):
        assert str(inner) in str(Sentence("%(inner)s!", {"inner": inner}))
        assert str(inner) != inner.text


def test_numbers_are_grouped_as_the_reader_does() -> None:
    for tongue, text in (("pt_BR", "50.000"), ("en", "50,000"), ("es", "50.000")):
        with speaking(tongue):
            assert number_text(50_000) == text


def test_what_no_catalogue_has_is_said_in_english() -> None:
    with speaking("es"):
        assert gettext("Nobody ever translated this.") == "Nobody ever translated this."


def test_a_sentence_without_values_keeps_its_percent_signs() -> None:
    assert str(say("100 % sure")) == "100 % sure"


@pytest.mark.parametrize(
    ("tag", "known"),
    [
        ("pt-BR", "pt_BR"),
        ("pt", "pt_BR"),
        ("pt_PT", "pt_BR"),
        ("en", "en"),
        ("en-GB", "en"),
        ("es-MX", "es"),
        ("ES", "es"),
        ("de", DEFAULT_LANGUAGE),
        ("", DEFAULT_LANGUAGE),
        ("../../etc/passwd", DEFAULT_LANGUAGE),
    ],
)
def test_a_tag_finds_the_nearest_language(tag: str, known: str) -> None:
    assert known_language(tag) == known


def test_speaking_ends_with_its_block() -> None:
    with speaking("es"), speaking("pt_BR"):
        assert language() == "pt_BR"
    assert language() == "en"  # what the tests speak


async def test_every_task_speaks_its_own_language() -> None:
    async def speak(wanted: str) -> str:
        set_language(wanted)
        await asyncio.sleep(0)
        return str(say("Waiting to be sent."))

    said = await asyncio.gather(*(speak(one) for one in LANGUAGES))
    assert len(set(said)) == 3
    assert language() == "en"


def test_plurals_follow_the_language() -> None:
    assert ngettext("one", "many", 1) == "one"
    assert ngettext("one", "many", 2) == "many"


@pytest.mark.parametrize(
    ("spoken", "nought", "single", "two"),
    [
        ("pt_BR", "0 chamadas esperam", "1 chamada espera", "2 chamadas esperam"),
        ("en", "0 calls wait", "1 call waits", "2 calls wait"),
        ("es", "0 llamadas esperan", "1 llamada espera", "2 llamadas esperan"),
    ],
)
def test_nought_is_many(spoken: str, nought: str, single: str, two: str) -> None:
    with speaking(spoken):
        said = [
            ngettext("%(num)s call waits", "%(num)s calls wait", n) % {"num": n} for n in range(3)
        ]
    assert said == [nought, single, two]


@pytest.mark.parametrize(
    ("size", "english", "portuguese"),
    [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1_000, "1 KB", "1 KB"),
        (1_440_000, "1.4 MB", "1,4 MB"),
        (15_600_000, "16 MB", "16 MB"),
        (3_000_000_000_000, "3,000 GB", "3.000 GB"),
    ],
)
def test_a_size_is_said_as_people_read_it(size: int, english: str, portuguese: str) -> None:
    with speaking("en"):
        assert size_text(size) == english
    with speaking("pt_BR"):
        assert size_text(size) == portuguese
