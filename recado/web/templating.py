"""Jinja as every page uses it: where templates are, and what all of them may call.

What a page draws by the dozen (texts, icons) is drawn by functions that remember what they have drawn;
a macro is drawn anew each time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, Final

from babel.support import NullTranslations
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template, Undefined
from jinja2.environment import TemplateModule
from markupsafe import Markup

from recado.accounts.doors import static
from recado.conversations.mentioning import as_read
from recado.lib.languages import catalogue, day_text, gettext, ngettext, number_text, size_text
from recado.web.assets import styles_address
from recado.web.scripts import import_map, script_address

# Their macros use nothing but what `page` gives to every template.
OF_THE_PAGE: Final = frozenset({"_macros.html", "_field.html"})


def templates(folders: Iterable[Path]) -> Environment:
    """The environment of all pages; a name is looked for in one folder after the other."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.template_class = _RememberingTemplate
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"_": said, "static": static, "styles": styles_address,
        "import_map": import_map, "script_address": script_address,
        "drawn_icon": icon, "drawn_time": time, "drawn_options": options}  # fmt: skip
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    environment.filters |= {"as_read": as_read, "day": day_text, "number": number_text,
        "size": size_text}  # fmt: skip
    return environment


class _RememberingTemplate(Template):
    """A template whose macros are made once a page, not for each of the dozens of parts that import them."""

    def make_module(
        self,
        vars: dict[str, Any] | None = None,
        shared: bool = False,
        locals: Mapping[str, Any] | None = None,
    ) -> TemplateModule:
        """What an import with context gives."""
        made = (vars or {}).get("made_macros")
        if made is None or self.name not in OF_THE_PAGE:
            return super().make_module(vars, shared, locals)
        if self.name not in made:
            made[self.name] = super().make_module(vars, shared)
        found: TemplateModule = made[self.name]
        return found


def said(text: str, **values: Any) -> Markup:
    """A text of ours in the reader's language, as the extension for Jinja says it: its own mark-up stays,
    values are escaped, a percent sign is written twice.
    """
    return _translated(catalogue(), text) % values if values else _plain(catalogue(), text)


def icon(name: str, label: str = "") -> Markup:
    """One of icons.svg; with a label, it says something that no text beside it says."""
    return _icon(static("icons.svg"), name, str(label))


def time(moment: datetime | None, exact: bool = False) -> Markup:
    """An aware moment: "3 min ago" with the exact time on hover; exact, the local time."""
    if not moment:
        return Markup("")
    told = f"{moment:%Y-%m-%d %H:%M} UTC"
    written = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return (_EXACT if exact else _AGO).format(written, told)


_TIME: Final = Markup('<time datetime="{}">{}</time></relative-time>')
_AGO: Final = Markup("<relative-time>") + _TIME
_EXACT: Final = Markup('<relative-time format="exact">') + _TIME


def options(choices: Iterable[Sequence[Any]], value: Any = "") -> Markup:
    """The options of a select: (value, text), or with attributes (value, text, {name: value}); that of
    `value` is chosen, if there is any. An attribute that is false or none is left out, one that is true stands alone.
    """
    chosen = "" if isinstance(value, Undefined) else str(value)
    return Markup("".join(_option(chosen, *one) for one in choices))  # noqa: S704 - escaped there


def _option(chosen: str, value: Any, text: Any, attributes: Mapping[str, Any] | None = None) -> str:
    own = _attributes(attributes) if attributes else ""
    mark = " selected" if str(value) == chosen else ""
    return f'<option value="{_escaped(value)}"{mark}{own}>{_escaped(text)}</option>'


def _attributes(attributes: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if one is True else f' {name}="{_escaped(one)}"'
        for name, one in attributes.items()
        if one is not None and one is not False
    )


def _escaped(one: Any) -> str:
    """As markupsafe does it, in a third of the time: of options there may be thousands."""
    return one if isinstance(one, Markup) else escape(str(one))


@lru_cache(maxsize=10_000)
def _translated(into: NullTranslations, text: str) -> Markup:
    return Markup(into.gettext(text))  # noqa: S704 - ours, from the code and its catalogues


@lru_cache(maxsize=10_000)
def _plain(into: NullTranslations, text: str) -> Markup:
    return _translated(into, text) % {}


@lru_cache(maxsize=1_000)
def _icon(source: str, name: str, label: str) -> Markup:
    told = _LABELLED.format(label) if label else _UNSEEN
    return _DRAWING.format(told, source, name)


_DRAWING: Final = Markup('<svg class="icon" {}><use href="{}#{}"/></svg>')
_LABELLED: Final = Markup('role="img" aria-label="{}"')
_UNSEEN: Final = Markup('aria-hidden="true"')
