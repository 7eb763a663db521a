"""Modules joined into one file: they mean what they meant, and what cannot be joined is refused."""

import orjson
import pytest

from recado.lib.javascript import NotJoinable, imported, imported_later, join, source_map

TEXTS = '// What is said.\nexport const text = (name) => name\n\n/** Its kind. */\nexport function kind() {\n  return "a kind"\n}\n'
LIST = 'import {\n  text as said,\n  kind,\n} from "texts"\n// Why.\nexport class List {\n  show() { return said(kind()) }\n}\n'
ONE = 'import { List } from "the-list"\nimport * as other from "vendor/other"\nnew List().show(other)\nimport("later")\n'
SOURCES = {"texts": TEXTS, "the-list": LIST, "one": ONE}


def test_a_module_stands_after_those_it_imports() -> None:
    made = join(["one"], SOURCES)
    assert list(made.exports) == ["texts", "the-list", "one"]
    assert made.exports["texts"] == ["text", "kind"]
    assert made.script == (
        'import * as $vendor$$other from "vendor/other"\n'
        "// texts\nconst $texts = (() => {\n\n"
        'const text = (name) => name\n\n\nfunction kind() {\n  return "a kind"\n}\n'
        "return { text, kind }\n})()\nexport const { text, kind } = $texts\n"
        "// the-list\nconst $the$list = (() => {\n"
        "const {\n  text: said,\n  kind,\n} = $texts;\n\n"
        "class List {\n  show() { return said(kind()) }\n}\n"
        "return { List }\n})()\nexport const { List } = $the$list\n"
        "// one\nconst $one = (() => {\n"
        "const { List } = $the$list;\nconst other = $vendor$$other;\n"
        'new List().show(other)\nimport("later")\n'
        "return {  }\n})()\n"
    )


def test_what_is_in_another_file_is_imported_from_there() -> None:
    made = join(["the-list"], SOURCES, elsewhere={"texts"})
    assert list(made.exports) == ["the-list"]
    assert made.lines[0] == 'import * as $texts from "texts"'


def test_two_names_that_differ_by_a_sign_stay_apart() -> None:
    made = join(["query-pairs", "query_pairs"], {"query-pairs": "1\n", "query_pairs": "2\n"})
    assert {"const $query$pairs = (() => {", "const $query_pairs = (() => {"} <= set(made.lines)


def test_each_line_leads_back_to_its_own() -> None:
    made = join(["one"], SOURCES)
    sections = orjson.loads(source_map(made, SOURCES))["sections"]
    assert [one["map"]["sources"] for one in sections] == [
        ["texts.js"],
        ["the-list.js"],
        ["one.js"],
    ]
    for section, source in zip(sections, (TEXTS, LIST, ONE), strict=True):
        first, lines = section["offset"]["line"], source.splitlines()
        assert section["map"]["sourcesContent"] == [source]
        assert section["map"]["mappings"].split(";") == ["AAAA"] + ["AACA"] * (len(lines) - 1)
        joined = made.script.splitlines()[first : first + len(lines)]
        same = [mine for mine, theirs in zip(joined, lines, strict=True) if mine and mine == theirs]
        assert same[-1] == [line for line in lines if line in joined][-1]


def test_what_a_module_asks_for() -> None:
    assert imported(ONE) == ["the-list", "vendor/other"]
    assert imported_later(ONE) == ["later"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        pytest.param("export default 1\n", "export default 1", id="a default"),
        pytest.param("export let a = 1\n", "export let a = 1", id="what changes later"),
        pytest.param("const a = 1\nexport { a }\n", "export { a }", id="a list"),
        pytest.param("export const [a] = x\n", "export const [a] = x", id="what is taken apart"),
        pytest.param('import "texts"\n', 'import "texts"', id="only to run"),
        pytest.param('import text from "texts"\n', "import text", id="what is unnamed"),
        pytest.param("await ready\n", "await ready", id="waiting before it runs"),
        pytest.param("const a = `\n// no comment\n`\n", "backticks", id="a text over lines"),
        pytest.param('import { text } from "texts"\nexport const text = 1\n', "text", id="twice"),
        pytest.param('import { a } from "one"\n', "one → one", id="itself"),
    ],
)
def test_what_it_does_not_understand_is_refused(source: str, told: str) -> None:
    with pytest.raises(NotJoinable) as refused:
        join(["one"], {"texts": TEXTS, "one": source})
    assert told in str(refused.value)
