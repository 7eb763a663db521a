"""Custom actions as documents: copied, taken along to another account, or begun from a ready one.

Secrets never leave: a document says only that a header is one.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

import msgspec
import orjson

from recado.actions.request import BodyKind, Method
from recado.actions.saving import LONGEST_NAME, ActionDraft, HeaderDraft
from recado.lib.languages import Sentence, say

LARGEST: Final = 1024 * 1024  # characters of a document


class _Header(msgspec.Struct):
    name: str
    value: str | None = None
    secret: bool = False
    enabled: bool = True


class _Document(msgspec.Struct):
    """What a document may say; the same names as the API's."""

    name: str
    url: str
    description: str = ""
    method: str = Method.POST
    headers: list[_Header] = msgspec.field(default_factory=list)
    body_kind: str = BodyKind.JSON
    body: str = ""
    policy: dict[str, Any] = msgspec.field(default_factory=dict)  # JSON
    answers: dict[str, Any] = msgspec.field(default_factory=dict)  # JSON


def copy_of(draft: ActionDraft, taken: Collection[str]) -> ActionDraft:
    """The same under a name of its own; `taken` are the names of the account's actions."""
    return replace(draft, name=_free(draft.name, {one.casefold() for one in taken}))


def document_of(draft: ActionDraft) -> bytes:
    """The action as JSON, to keep or to take along."""
    told = {
        "name": draft.name, "description": draft.description, "method": draft.method,
        "url": draft.url, "headers": [_told(one) for one in draft.headers],
        "body_kind": draft.body_kind, "body": draft.body, "policy": draft.policy,
        "answers": draft.answers,
    }  # fmt: skip
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def draft_from(document: str) -> ActionDraft | Sentence:
    """The action in a document, unchecked; or why it is none."""
    if len(document) > LARGEST:
        return say("This is too large.")
    try:
        read = msgspec.convert(orjson.loads(document), _Document)
    except orjson.JSONDecodeError as error:
        return say("This is no JSON: line %(line)s, column %(column)s.", line=error.lineno, column=error.colno)  # fmt: skip
    except msgspec.ValidationError as error:
        return say("This is no custom action: %(problem)s", problem=str(error))
    headers = tuple(
        HeaderDraft(h.name, h.value or "", h.secret, is_off=not h.enabled) for h in read.headers
    )
    return ActionDraft(
        read.name, read.description, read.method, read.url, headers,
        read.body_kind, read.body, read.policy, read.answers,
    )  # fmt: skip


def _told(header: HeaderDraft) -> dict[str, Any]:
    value = None if header.is_secret else header.value
    return {
        "name": header.name,
        "value": value,
        "secret": header.is_secret,
        "enabled": not header.is_off,
    }


def _free(name: str, taken: Collection[str]) -> str:
    """The name itself, or with the first number that makes it free."""
    wanted, number = name, 1
    while wanted.casefold() in taken:
        number += 1
        ending = f" ({number})"
        wanted = name[: LONGEST_NAME - len(ending)] + ending
    return wanted
