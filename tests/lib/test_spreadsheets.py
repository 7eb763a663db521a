"""CSV of whatever program: encodings, separators, cells that look like formulas."""

import pytest

from recado.lib.spreadsheets import csv_line, read_sheet, unguarded

TEXT = "Nome;E-mail\r\nJoão Ação;joao@x.example\r\n"
ROWS = [["Nome", "E-mail"], ["João Ação", "joao@x.example"]]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("cp1252"), "windows-1252"),
        (TEXT.encode("latin-1"), "windows-1252"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"sep=;\r\n" + TEXT.encode("cp1252"), "windows-1252"),
    ],
)
def test_every_encoding_is_recognised(content: bytes, encoding: str) -> None:
    sheet = read_sheet(content)
    assert (sheet.encoding, sheet.separator) == (encoding, ";")
    assert [cells for _, cells in sheet.rows()] == ROWS


def test_windows_has_signs_that_latin_1_lacks() -> None:
    [cells] = [cells for _, cells in read_sheet("Preço;10 € – “ok”".encode("cp1252")).rows()]
    assert cells == ["Preço", "10 € – “ok”"]


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b;c\n1;2,5;3\n", ";"),
        ("a,b,c\n1,2;3,4\n", ","),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('name;note\nx;"one, two, three"\ny;"a, b"\n', ";"),
        ('name,note\nx,"one; two; three"\n', ","),
        ("alone\n1\n", ";"),  # one column: any will do
        ("", ";"),
    ],
)
def test_the_separator_is_told_by_its_columns(text: str, separator: str) -> None:
    assert read_sheet(text.encode()).separator == separator


def test_lines_are_numbered_as_the_file_has_them() -> None:
    sheet = read_sheet(b'a;b\n\n"one\ntwo";x\n;;\n\x00last;y')
    assert list(sheet.rows()) == [
        (1, ["a", "b"]),
        (4, ["one\ntwo", "x"]),
        (6, ["last", "y"]),
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+5511999990000", "-2", "@SUM(A1)"])
def test_a_formula_is_guarded_and_read_back(cell: str) -> None:
    line = csv_line([cell], ";")
    assert line.lstrip('"').startswith("'")
    [(_, [read])] = read_sheet(line.encode()).rows()
    assert read == cell


@pytest.mark.parametrize(
    ("cell", "said"), [("'=1", "=1"), ("'tis", "'tis"), ("D'Ávila", "D'Ávila")]
)
def test_other_apostrophes_stay(cell: str, said: str) -> None:
    assert unguarded(cell) == said
