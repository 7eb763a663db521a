"""The text of a file with rules and custom actions: JSON or YAML, whichever it is."""

import json
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from recado.automation.transferring import NotReadable
from recado.lib.languages import say

LONGEST: Final = 5_000_000  # characters


def parsed_document(text: str) -> Any:
    """What the text says; NotReadable tells what is wrong with it."""
    if not text.strip():
        raise NotReadable(str(say("Choose a file, or paste its text.")))
    if len(text) > LONGEST:
        raise NotReadable(str(say("Use at most %(number)s characters.", number=LONGEST)))
    try:
        if text.lstrip().startswith(("{", "[")):
            return _plain(json.loads(text))
        if "&" in text and "*" in text and _has_aliases(text):
            raise NotReadable(str(say("YAML with anchors is not read: write each part out.")))
        return _plain(yaml.safe_load(text))
    except (ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        raise NotReadable(f"{say('This is neither JSON nor YAML.')} {error}") from error


def _plain(parsed: Any) -> Any:
    """Only what JSON can say: YAML's dates become texts, and NaN is refused."""
    return json.loads(json.dumps(parsed, default=str, allow_nan=False))


def _has_aliases(text: str) -> bool:
    """A few lines of aliases can grow to gigabytes."""
    return any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text, Loader=yaml.SafeLoader))


def written_document(document: dict[str, Any], *, as_yaml: bool) -> str:
    """A document as a file."""
    if as_yaml:
        written = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False)
        return str(written)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes texts of several lines, such as bodies of requests, as they are."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = "|" if "\n" in data else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)
