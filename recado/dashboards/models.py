"""Tables of dashboard apps."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from recado.db.tables import Id, Noted, Table
from recado.lib.addresses import lane_of


class DashboardApp(Table):
    """Pages of another system that an account has beside its conversations, in a tab of this name."""

    __tablename__ = "dashboard_apps"
    __noted__ = Noted("dashboard_app")

    id: Mapped[Id] = mapped_column(init=False)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    urls: Mapped[list[str]] = mapped_column(ARRAY(TEXT))  # a frame each, one below the other
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def origins(self) -> list[str]:
        """Where its pages come from, as `https://crm.example:443`."""
        return [lane_of(one) for one in self.urls]
