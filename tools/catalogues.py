"""Keep the catalogues of the three languages whole: every text, translated, and nothing else.

Without arguments: say what is missing and fail. With --write: add new texts, drop those that are
no longer used, and leave the translating to whoever added them.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path("recado")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
PLURALS = "nplurals=2; plural=(n != 1);"  # of all three: docs/decisions/0026-nought-is-many.md
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "say": None,
}  # fmt: skip


def _found() -> Catalog:
    catalogue = Catalog(domain="recado")
    for _file, _line, text, _comments, _context in extract_from_dir(
        ROOT, METHODS, OPTIONS, KEYWORDS
    ):
        if text:
            catalogue.add(text)
    return catalogue


def _path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "recado.po"


def _read(language: str) -> Catalog:
    with _path(language).open("rb") as file:
        return read_po(file, locale=language, domain="recado")


def _write(language: str, found: Catalog) -> None:
    kept = _read(language)
    fresh = Catalog(
        locale=language, domain="recado", project="Recado", fuzzy=False, header_comment="# Recado"
    )
    for message in found:
        if message.id:
            known = kept.get(message.id)
            if known and known.id == message.id:
                fresh.add(message.id, string=known.string)
            else:
                fresh.add(message.id, string=message.id if language == "en" else "")
    fresh.mime_headers = [("Plural-Forms", PLURALS)]
    fresh.revision_date = fresh.creation_date = kept.creation_date
    with _path(language).open("wb") as file:
        write_po(file, fresh, sort_output=True, width=100, no_location=True)


def _faults(language: str, found: Catalog) -> list[str]:
    kept = _read(language)
    wanted = {message.id for message in found if message.id}
    faults = [f"{language}: not in the catalogue: {one!r}" for one in wanted if one not in kept]
    if kept.plural_forms != PLURALS:
        faults.append(f"{language}: the Plural-Forms are not ours: --write puts them right")
    for message in kept:
        if not message.id:
            continue
        if message.id not in wanted:
            faults.append(f"{language}: no longer used: {message.id!r}")
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(strings):
            faults.append(f"{language}: not translated: {message.id!r}")
        faults += [f"{language}: {error}: {message.id!r}" for error in message.check(kept)]
    return faults


def main() -> int:
    """Check or write; the exit code."""
    found = _found()
    languages = ("pt_BR", "en", "es")
    if "--write" in sys.argv:
        for language in languages:
            _write(language, found)
    faults = sorted(fault for language in languages for fault in _faults(language, found))
    for fault in faults:
        print(fault)
    print(f"Catalogues: {len(list(found)) - 1} texts, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
