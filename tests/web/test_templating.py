"""What every template may call."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, meta
from markupsafe import Markup

from recado import web
from recado.lib.languages import speaking
from recado.web.templating import OF_THE_PAGE, icon, options, said, templates, time

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_NOON = '<time datetime="2026-03-01T12:00:00Z">2026-03-01 12:00 UTC</time></relative-time>'


@pytest.fixture
def environment() -> Environment:
    return templates([])


@pytest.mark.parametrize(
    ("template", "values", "shown"),
    [
        pytest.param('{{ _("Save") }}', {}, "Salvar", id="a text"),
        pytest.param('{{ _("<b>") }}', {}, "<b>", id="ours keeps its mark-up"),
        pytest.param('{{ _("Say %(x)s", x=x) }}', {"x": "<b>"}, "Say &lt;b&gt;", id="theirs does not"),
        pytest.param('{{ _("5 %% of it") }}', {}, "5 % of it", id="a percent sign"),
        pytest.param('{{ _("%(x)s %%", x=1) }}', {}, "1 %", id="a percent sign beside a value"),
        pytest.param("{{ drawn_icon(x) }}", {"x": '"><b>'},
            '<svg class="icon" aria-hidden="true"><use href="ADDRESS#&#34;&gt;&lt;b&gt;"/></svg>', id="an icon"),
        pytest.param('{{ drawn_icon("x", x) }}', {"x": '"'},
            '<svg class="icon" role="img" aria-label="&#34;"><use href="ADDRESS#x"/></svg>', id="an icon that speaks"),
    ],
)  # fmt: skip
def test_what_a_template_draws(
    environment: Environment, template: str, values: dict[str, str], shown: str
) -> None:
    address = environment.globals["static"]("icons.svg")  # type: ignore[operator]
    with speaking("pt_BR"):
        drawn = environment.from_string(template).render(values)
    assert drawn == shown.replace("ADDRESS", address)


@pytest.mark.parametrize(
    ("moment", "exact", "shown"),
    [
        (None, False, ""),
        (NOON, False, f"<relative-time>{_NOON}"),
        (NOON, True, f'<relative-time format="exact">{_NOON}'),
    ],
)
def test_a_moment_is_told_in_full_for_who_has_no_scripts(
    moment: datetime | None, exact: bool, shown: str
) -> None:
    assert time(moment, exact) == shown


def test_a_text_is_said_in_the_language_of_each_reader() -> None:
    told = []
    for language in ("pt_BR", "en", "es", "pt_BR"):
        with speaking(language):
            told.append(said("Save"))
    assert told == ["Salvar", "Save", "Guardar", "Salvar"]


def test_what_is_drawn_once_is_not_drawn_again() -> None:
    with speaking("es"):
        assert said("Save") is said("Save")
    assert icon("check") is icon("check")
    assert isinstance(icon("check"), Markup)


TEMPLATES = Path(web.__file__).parent / "templates"


@pytest.mark.parametrize("name", sorted(OF_THE_PAGE))
def test_macros_made_once_a_page_use_only_what_every_page_has(
    environment: Environment, name: str
) -> None:
    tree = environment.parse((TEMPLATES / name).read_text())
    used = meta.find_undeclared_variables(tree) - set(environment.globals)
    assert used <= {"csp_nonce", "csrf_token"}


def test_each_page_has_macros_of_its_own(environment: Environment) -> None:
    environment.loader = DictLoader({
        "_macros.html": "{% macro token() %}{{ csrf_token }}{% endmacro %}",
        "_part.html": '{% from "_macros.html" import token with context %}{{ token() }}',
        "page.html": '{% include "_part.html" %}{% include "_part.html" %}',
    })  # fmt: skip
    page = environment.get_template("page.html")
    made: list[dict[str, object]] = [{}, {}]
    assert page.render(csrf_token="a", made_macros=made[0]) == "aa"
    assert page.render(csrf_token="b", made_macros=made[1]) == "bb"
    assert page.render(csrf_token="c") == "cc"  # without a page, anew each time
    assert [list(one) for one in made] == [["_macros.html"], ["_macros.html"]]


@pytest.mark.parametrize(
    ("choices", "value", "drawn"),
    [
        ([], "", ""),
        ([(1, "One")], "1", '<option value="1" selected>One</option>'),
        ([(1, "One")], 1, '<option value="1" selected>One</option>'),
        ([("", "Any")], None, '<option value="">Any</option>'),
        ([("a", "A")], StrictUndefined(), '<option value="a">A</option>'),  # nothing was chosen yet
        ([('"', "<b>")], "", '<option value="&quot;">&lt;b&gt;</option>'),
        ([("a", Markup("<b>"))], "", '<option value="a"><b></option>'),
        (
            [("a", "A", {"disabled": True, "hidden": False, "title": None, "data-detail": '"'})],
            "b",
            '<option value="a" disabled data-detail="&quot;">A</option>',
        ),
    ],
)
def test_options_are_drawn(choices: Any, value: object, drawn: str) -> None:
    assert options(choices, value) == drawn
