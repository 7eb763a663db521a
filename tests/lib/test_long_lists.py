"""A page of a long list, as its address asks for it."""

import pytest

from recado.lib.long_lists import PAGE, list_page, list_query, place_in_list

NAMES = [f"Row {number}" for number in range(1, 2 * PAGE + 2)]  # two pages and a row


@pytest.mark.parametrize(
    ("asked", "rows", "before", "after"),
    [
        ({}, NAMES[:PAGE], "", "?page=2"),
        ({"page": "2"}, NAMES[PAGE : 2 * PAGE], "?", "?page=3"),
        ({"page": "3"}, NAMES[-1:], "?page=2", ""),
        ({"page": "99"}, NAMES[-1:], "?page=2", ""),  # beyond the end: the last one
        ({"page": "nonsense"}, NAMES[:PAGE], "", "?page=2"),
        ({"page": "0"}, NAMES[:PAGE], "", "?page=2"),
        ({"q": "ROW"}, NAMES[:PAGE], "", "?q=ROW&page=2"),
        ({"q": " row ", "page": "2"}, NAMES[PAGE : 2 * PAGE], "?q=row", "?q=row&page=3"),
        ({"q": "w 77"}, ["Row 77"], "", ""),
        ({"q": "77", "page": "2"}, ["Row 77"], "", ""),
        ({"q": "column"}, [], "", ""),
    ],
)  # fmt: skip
def test_the_address_chooses_the_page(
    asked: dict[str, str], rows: list[str], before: str, after: str
) -> None:
    page = list_page(NAMES, asked, str)
    assert (page.rows, page.before, page.after) == (rows, before, after)
    assert page.total == len(NAMES)


@pytest.mark.parametrize("length", [0, 1, PAGE, PAGE + 1])
def test_only_a_list_longer_than_a_page_has_a_search_and_pages(length: int) -> None:
    page = list_page(NAMES[:length], {}, str)
    assert page.is_searchable == bool(page.after) == (length > PAGE)
    assert (page.first, page.last) == (1, min(length, PAGE))
    assert list_page(NAMES[:length], {"q": "x"}, str).is_searchable  # to see that somebody searches


def test_words_are_found_in_any_order_whatever_their_case_and_accents() -> None:
    names = ["Ação de cobrança", "Cobrança", "Acordo"]
    assert list_page(names, {"q": "COBRANCA acao"}, str).rows == names[:1]
    assert list_page(names, {"q": "cobrança"}, str).rows == names[:2]


def test_what_else_is_chosen_stays_in_the_address() -> None:
    page = list_page(NAMES, {"q": "row", "page": "2"}, str, total=500, kept={"state": "off"})
    assert (page.query, page.further) == ("?q=row&state=off&page=2", "&q=row&state=off&page=2")
    assert (page.total, page.found) == (500, len(NAMES))


def test_an_address_says_nothing_of_what_is_usual() -> None:
    assert list_query({"q": "", "page": "1"}) == ""
    assert list_query({"q": "1", "page": "1"}) == "?q=1"
    assert place_in_list({"q": "a b", "page": "2", "saved": "1"}) == "?q=a+b&page=2"
    assert place_in_list({}) == ""
