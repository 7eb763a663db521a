"""Three languages, one way to say a sentence.

Texts stand in the code in English and are translated when somebody reads them, never when they are
written: what is stored is the English text with its values, so a delivery that failed last week is
explained in the language of whoever opens it today.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

LANGUAGES: Final = ("pt_BR", "en", "es")
DEFAULT_LANGUAGE: Final = "pt_BR"
_CATALOGUES = Path(__file__).parent.parent / "locale"

_current: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence for people, not yet in a language. `str()` says it in the reader's.

    `text` is the English text with `%(name)s` places, `values` what stands in them. A value may be
    a Sentence itself.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        translated = gettext(self.text)
        return translated % self.values if self.values else translated

    def as_json(self) -> dict[str, Any]:
        """As a row keeps it, in no language yet; `Sentence(**kept)` is the same again."""
        return {"text": self.text, "values": {name: str(one) for name, one in self.values.items()}}


def say(text: str, **values: object) -> Sentence:
    """Make a sentence; the catalogue's extractor finds it by this name."""
    return Sentence(text, values)


def language() -> str:
    """The language that the current request or task speaks: one of LANGUAGES."""
    return _current.get()


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Say everything inside in `wanted`, one of LANGUAGES (others fall back to the default)."""
    token = _current.set(known_language(wanted))
    try:
        yield
    finally:
        _current.reset(token)


def set_language(wanted: str) -> None:
    """Speak `wanted` for the rest of this request; the web door calls it once at its start."""
    _current.set(known_language(wanted))


def known_language(wanted: str) -> str:
    """The one of LANGUAGES nearest to a tag such as `pt-BR`, `es-MX` or `en_GB`."""
    tag = wanted.replace("-", "_")
    if tag in LANGUAGES:
        return tag
    family = tag.split("_")[0].lower()
    return next((one for one in LANGUAGES if one.split("_")[0] == family), DEFAULT_LANGUAGE)


def gettext(text: str) -> str:
    """`text` in the current language; the text itself where the catalogue lacks it."""
    return catalogue().gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """The singular or plural for `number` in the current language."""
    return catalogue().ngettext(one, many, number)


def catalogue() -> NullTranslations:
    """What the current language says."""
    return _catalogue(_current.get())


def size_text(size: int) -> str:
    """A number of bytes as people read it, in the reader's language: "1.4 MB"."""
    amount, units = float(size), ["B", "KB", "MB", "GB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    rounded = round(amount, 1) if amount < 10 else round(amount)
    return f"{format_decimal(rounded, locale=language())} {units[0]}"


def number_text(number: int) -> str:
    """A whole number as people read it, in the reader's language: 50.000."""
    return str(format_decimal(number, locale=language()))


def with_point(typed: str) -> str:
    """A number as programs write it: 12,50, as most of our readers type it, is 12.50."""
    return typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed


@dataclass(frozen=True, slots=True)
class Day:
    """A date, such as "2026-12-31", in a sentence: written as the reader writes it."""

    iso: str

    def __str__(self) -> str:
        return day_text(self.iso)


def day_text(day: object) -> str:
    """A date, such as "2026-12-31", as the reader writes it; anything else as it is."""
    try:
        return format_date(date.fromisoformat(str(day)), "medium", locale=_current.get())
    except ValueError:
        return str(day)


@cache
def _catalogue(wanted: str) -> NullTranslations:
    path = _CATALOGUES / wanted / "LC_MESSAGES" / "recado.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=wanted, domain="recado")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
