"""Tables of custom actions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from recado.actions.request import BodyKind, HeaderTemplate, Method, RequestTemplate
from recado.actions.urls import host_of_template, lane_of_template
from recado.db.tables import Id, Json, Noted, Table
from recado.deliveries.requests import auth_from
from recado.lib.outcomes import Signing


class ActionState(StrEnum):
    """A draft was never saved for use; only an active action sends."""

    DRAFT = "draft"
    ACTIVE = "active"
    OFF = "off"


class CustomAction(Table):
    """The administrator's request as a template. Its name is unique in the account, ignoring case.

    `headers` is a list of `{"name", "value", "secret_id"}`; a secret header's value is empty here.
    `version` counts the saves, so a delivery can say which one it was made with.
    """

    __tablename__ = "custom_actions"
    __noted__ = Noted("action", left_out=frozenset({"trusted_until"}))
    __table_args__ = (
        Index(
            "uq_custom_actions_account_id_name", "account_id", func.lower(text("name")), unique=True
        ),
    )

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    method: Mapped[str]
    url: Mapped[str]
    headers: Mapped[list[Any]] = mapped_column(default_factory=list)
    body_kind: Mapped[str]
    body: Mapped[str] = mapped_column(default="")
    policy: Mapped[Json] = mapped_column(
        default_factory=dict
    )  # how it is sent: deliveries/policies
    answers: Mapped[Json] = mapped_column(default_factory=dict)  # what they become: `answers.py`
    auth: Mapped[Json] = mapped_column(default_factory=dict)  # as `authorizing.py` keeps it
    signing_ring: Mapped[int | None] = mapped_column(default=None)  # the secrets that sign it
    state: Mapped[str] = mapped_column(default=ActionState.DRAFT)
    holds_calls: Mapped[bool] = mapped_column(default=False)  # while off: hold instead of skip
    notice: Mapped[Json | None] = mapped_column(default=None)  # why Recado switched it off
    trusted_until: Mapped[datetime | None] = mapped_column(default=None)  # see `guarding.py`
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def is_active(self) -> bool:
        """Whether rules may send it."""
        return self.state == ActionState.ACTIVE

    @property
    def lane(self) -> str:
        """scheme://host:port, where its requests go."""
        return lane_of_template(self.url)

    @property
    def host(self) -> str:
        """The host, as the list shows it."""
        return host_of_template(self.url)

    @property
    def template(self) -> RequestTemplate:
        """The request to render."""
        headers = tuple(
            HeaderTemplate(h["name"], h["value"], h["secret_id"], h.get("is_off", False))
            for h in self.headers
        )
        signing = Signing(self.signing_ring) if self.signing_ring else None
        return RequestTemplate(
            Method(self.method),
            self.url,
            headers,
            BodyKind(self.body_kind),
            self.body,
            signing,
            auth_from(self.auth),
        )


class FieldHistory(Table):
    """Whether the last answers had a field that the action reads: `recent` is "0" and "1" (missing),
    the newest last.
    """

    __tablename__ = "field_histories"

    action_id: Mapped[int] = mapped_column(
        ForeignKey("custom_actions.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(primary_key=True)
    recent: Mapped[str]


class HourOfCalls(Table):
    """How often an action was called in the hour that begins then; see `guarding.py`."""

    __tablename__ = "hours_of_calls"

    action_id: Mapped[int] = mapped_column(
        ForeignKey("custom_actions.id", ondelete="CASCADE"), primary_key=True
    )
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    calls: Mapped[int]
