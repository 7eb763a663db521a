"""A language that nobody speaks: every text with accents, in brackets, and about 40 % longer."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import recado

_EN = Path(recado.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "recado.po"
_KEPT = re.compile(
    r"%\(\w+\)s|%%|<[^>]*>|\{\{.*?\}\}|\{%.*?%\}|&\w+;"
)  # what is no text for people
_ACCENTS = str.maketrans(
    "ACDEGHIJKLNORSTUWYZacdeghijklnorstuwyz", "ÀÇĐÉĜĤÎĴĶĻÑÖŔŜŢÛŴÝŽàçđéĝĥîĵķļñöŕŝţûŵýž"
)
_WORD = 6  # letters; a longer one would be harder to break than those of real languages


def pseudo(text: str) -> str:
    """`Send this` as `[Ŝéñđ ţĥîŝ ~~~]`; what is put in later stays as it is."""
    parts = re.split(f"({_KEPT.pattern})", text)
    said = "".join(one if at % 2 else one.translate(_ACCENTS) for at, one in enumerate(parts))
    more = round(sum(map(len, parts[::2])) * 0.4)
    words = ["~" * min(_WORD, more - at) for at in range(0, more, _WORD + 1)]
    return f"[{' '.join([said.strip(), *words])}]"


def write_pseudo(folder: Path) -> None:
    """The catalogues of all languages below `folder`, in this one."""
    with _EN.open("rb") as file:
        english = read_po(file, locale="en")
    for language in ("en", "es", "pt_BR"):
        catalogue = Catalog(locale=language, domain="recado")
        for message in english:
            if message.id:
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                texts = tuple(map(pseudo, ids))
                catalogue.add(message.id, texts if len(texts) > 1 else texts[0])
        place = folder / language / "LC_MESSAGES"
        place.mkdir(parents=True)
        with (place / "recado.po").open("wb") as file:
            write_po(file, catalogue)
