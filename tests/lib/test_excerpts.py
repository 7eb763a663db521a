"""Words found whatever their case and accents, and the place where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.lib.excerpts import (
    SEARCH_FROM,
    SEARCH_TO,
    Piece,
    excerpt,
    folded,
    search_words,
    shortened,
)


def test_every_character_has_its_own() -> None:
    assert len(SEARCH_FROM) == len(SEARCH_TO)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Pedido 5531", ["pedido", "5531"]),
        ("AÇÃO ação", ["acao"]),  # once
        ("pedido-5531", ["pedido", "5531"]),
        ("maria@example.com", ["maria@example.com"]),
        ("'; drop table & | ! :*", ["drop", "table"]),  # no operator of the database
        ("   ", []),
    ],
)
def test_what_is_searched_for(typed: str, words: list[str]) -> None:
    assert search_words(typed) == words


def test_matches_are_marked_at_the_beginning_of_words() -> None:
    assert excerpt("Meu pedido e os Pedidos, sem expedido", ["pedid"]) == [
        Piece("Meu "),
        Piece("pedid", is_match=True),
        Piece("o e os "),
        Piece("Pedid", is_match=True),
        Piece("os, sem expedido"),
    ]


def test_a_long_text_is_cut_around_the_first_match() -> None:
    pieces = excerpt("a " * 200 + "Atenção " + "b " * 200, ["atencao"])
    assert (pieces[0].text, pieces[-1].text) == ("…", "…")
    assert [one.text for one in pieces if one.is_match] == ["Atenção"]
    assert sum(len(one.text) for one in pieces) <= 162


@given(st.text(), st.text())
def test_no_text_breaks_an_excerpt(text: str, typed: str) -> None:
    assert len(folded(text)) == len(text)
    shown = "".join(one.text for one in excerpt(text, search_words(typed)))
    assert shown.strip("…") in " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\n two ", "one two"),
        ("twelve chars", "twelve chars"),
        ("twelve chars and more", "twelve char…"),
        ("twelve and then", "twelve and…"),
        ("", ""),
    ],
)
def test_a_text_is_shortened_to_a_line(text: str, line: str) -> None:
    assert shortened(text, 12) == line
