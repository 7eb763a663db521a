"""The form of a custom action: from what a browser sends to a draft, and back without secrets."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from recado.accounts.colliding import OPENED
from recado.actions.answers_form import answers_in
from recado.actions.auth_form import auth_in, typed_secrets
from recado.actions.importing import Pasted
from recado.actions.models import CustomAction
from recado.actions.request import BodyKind, Method
from recado.actions.saving import ActionDraft, HeaderDraft
from recado.actions.sending_form import policy_in
from recado.actions.signing_form import signing_in
from recado.lib.forms import row_numbers, text_in
from recado.lib.languages import Sentence, say

_ROW: Final = re.compile(r"headers-(\d{1,4})-name", re.ASCII)
_ORDER: Final = ("name", "description", "method", "url", "headers", "auth", "body_kind", "body",
    "signing", "policy", "answers",)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TypedForm:
    """What was typed, and what is wrong with it that only the form can know."""

    draft: ActionDraft
    problems: dict[str, Sentence]
    is_pasted: bool = False  # from a command: its secrets are shown as typed, nothing is saved yet
    opened: str = ""  # the version that the form was opened with


def read_form(form: Mapping[str, Any], action: CustomAction | None = None) -> TypedForm:
    """The draft in a form's fields; the secrets that the action has already may stay."""
    kept = _secrets_of(action) if action else set()
    rows = [row for row in _rows(form) if row.name or row.value or row.kept]
    method = text_in(form, "method", Method.POST)
    draft = ActionDraft(
        name=text_in(form, "name"),
        description=text_in(form, "description"),
        method=method,
        url=text_in(form, "url").strip(),
        headers=tuple(row.header(kept) for row in rows),
        body_kind=_body_kind(form, method),
        body=text_in(form, "body"),
        policy=policy_in(form),
        answers=answers_in(form),
        auth=auth_in(form, action),
        signing=signing_in(form, action.signing_ring if action else None),
    )
    locked = say("The saved value stays secret. To make it readable, enter it again.")
    problems = {
        f"headers.{index}.value": locked
        for index, row in enumerate(rows)
        if row.is_unlocked_only(kept)
    }
    return TypedForm(draft, problems, opened=text_in(form, OPENED))


def pasted_over(typed: TypedForm, pasted: Pasted) -> TypedForm:
    """A form with the request of a command in the place of its own; as it was where none can be read."""
    if pasted.problem:
        return replace(typed, problems={"url": pasted.problem})
    request = pasted.draft
    draft = replace(
        typed.draft,
        method=request.method,
        url=request.url,
        headers=request.headers,
        body_kind=request.body_kind,
        body=request.body,
        auth=replace(request.auth, kept=typed.draft.auth.kept),
    )
    return replace(typed, draft=draft, problems={}, is_pasted=True)


def form_errors(
    problems: Mapping[str, Sentence], draft: ActionDraft, *, is_refused: bool = False
) -> dict[str, str]:
    """Problems by the names that the fields have, in the order of the form.

    A secret that was typed is not written into the page: when a form with problems, or refused for
    another reason, comes back, its field asks for it again.
    """
    is_back = bool(problems) or is_refused
    again = say("Enter the secret again: for safety the page does not show it.")
    typed = {
        f"headers.{index}.value": again
        for index, header in enumerate(draft.headers)
        if header.is_secret and header.value and is_back
    }
    if is_back:
        typed |= {f"auth.{name}": again for name in typed_secrets(draft.auth)}
    every = sorted({**typed, **problems}.items(), key=lambda item: _place(item[0]))
    return {name.replace(".", "-"): str(sentence) for name, sentence in every}


def pairs_of(draft: ActionDraft, *, is_pasted: bool = False) -> list[dict[str, Any]]:
    """The header rows as the page shows them: of a secret only that it is kept."""
    return [
        {
            "name": header.name,
            "value": _shown_value(header, is_pasted=is_pasted),
            "secret": header.is_secret,
            "kept": header.secret_id,
            "off": header.is_off,
        }
        for header in draft.headers
    ]


def _shown_value(header: HeaderDraft, *, is_pasted: bool) -> str | None:
    """None where a secret is kept."""
    if header.secret_id:
        return None
    return header.value if is_pasted or not header.is_secret else ""


class _Row(NamedTuple):
    """A header as its fields have it; `kept` is the id of the secret that it had."""

    name: str
    value: str
    is_secret: bool
    kept: str
    is_off: bool

    def header(self, kept: Collection[int]) -> HeaderDraft:
        if self.is_unlocked_only(kept):
            return HeaderDraft(self.name, "", True, int(self.kept), self.is_off)
        secret_id = int(self.kept) if self.is_secret and self._is_kept(kept) else None
        return HeaderDraft(self.name, self.value, self.is_secret, secret_id, self.is_off)

    def is_unlocked_only(self, kept: Collection[int]) -> bool:
        """Whether the lock was taken off and nothing entered: a secret never becomes readable."""
        return self._is_kept(kept) and not self.is_secret and not self.value

    def _is_kept(self, kept: Collection[int]) -> bool:
        return self.kept in map(str, kept)


def _secrets_of(action: CustomAction) -> set[int]:
    return {header["secret_id"] for header in action.headers if header["secret_id"] is not None}


def _rows(form: Mapping[str, Any]) -> Iterator[_Row]:
    for number in row_numbers(form, _ROW):
        start = f"headers-{number}-"
        yield _Row(
            name=text_in(form, start + "name").strip(),
            value=text_in(form, start + "value"),
            is_secret=text_in(form, start + "secret") == "true",
            kept=text_in(form, start + "kept"),
            is_off=text_in(form, start + "off") == "true",
        )


def _body_kind(form: Mapping[str, Any], method: str) -> str:
    """A GET has no body: the page hides what was typed, which stays for another method."""
    return BodyKind.NONE if method == Method.GET else text_in(form, "body_kind", BodyKind.JSON)


def _place(name: str) -> tuple[int, int]:
    first, *rest = name.split(".")
    number = int(rest[0]) if rest and rest[0].isdigit() else -1
    return _ORDER.index(first) if first in _ORDER else len(_ORDER), number
