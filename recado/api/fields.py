"""Kinds of fields that many requests share."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from recado.api.door import LARGEST

Id = Annotated[int, Meta(ge=0, le=LARGEST)]  # 0 is nobody
MaybeId = Id | UnsetType | None
Words = str | UnsetType | None
Short = Annotated[str, Meta(max_length=255)] | UnsetType | None  # what an index holds
Flag = bool | UnsetType | None
Json = dict[str, Any]
MaybeJson = Json | UnsetType | None
Page = Annotated[int, Meta(ge=0, le=1_000_000)] | UnsetType


def text_or(value: Words, otherwise: str = "") -> str:
    """The text that was given."""
    return value if isinstance(value, str) else otherwise


def id_or_none(value: MaybeId) -> int | None:
    """The id that was given; 0 names nothing."""
    return value if isinstance(value, int) and value else None


def json_or_empty(value: MaybeJson) -> Json:
    """The object that was given."""
    return value if isinstance(value, dict) else {}


__all__ = [
    "UNSET", "Flag", "Id", "Json", "MaybeId", "MaybeJson", "Page", "Short", "UnsetType", "Words",
    "id_or_none", "json_or_empty", "text_or",
]  # fmt: skip
