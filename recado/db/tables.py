"""The base of all tables and the column types they share."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, dataclass_transform

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, mapped_column, relationship

Json = dict[str, Any]  # what jsonb holds: any JSON object

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Moment = datetime  # always with a time zone; the database keeps UTC


@dataclass(frozen=True, slots=True)
class Noted:
    """That people's changes of a table are written down: as what, and how one row is told."""

    kind: str
    named: str = "name"  # the column that people know a row by
    by: str = "id"  # its number
    left_out: frozenset[str] = frozenset()  # columns that are no setting
    of: str = (
        ""  # of a row that is a person's (`user_id`) part in something: that table; `by` is its id
    )


@dataclass_transform(kw_only_default=True, field_specifiers=(mapped_column, relationship))
class Table(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False, repr=False):
    """A table: columns and questions about them. A misspelt column is a type error."""

    __noted__: ClassVar[Noted | None] = None

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }
