"""Dashboard apps of an account: checking, keeping, finding.

What is framed runs in the browser of whoever answers, so it comes by https (by http only from the
machine of that very person), and never from Recado itself: there it would be as trusted as we are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import func, select

from recado.dashboards.models import DashboardApp
from recado.db.database import Transaction
from recado.db.reading import Listing
from recado.lib.addresses import kept_url_problem, lane_of, literal_address, names_this_machine
from recado.lib.languages import Sentence, say
from recado.lib.public_urls import public_url

MOST: Final = 20  # in an account; their hosts stand in a header of every conversation's page
MOST_FRAMES: Final = 4
_LONGEST_NAME: Final = 255


async def apps_of(tx: Transaction, account_id: int) -> list[DashboardApp]:
    """An account's dashboard apps, oldest first."""
    return await _APPS.all(tx, account_id=account_id)


_APPS: Final = Listing(DashboardApp, "dashboard_apps where account_id = :account_id order by id")


async def find_app(tx: Transaction, account_id: int, app_id: int) -> DashboardApp | None:
    """A dashboard app of this account."""
    return await tx.scalar(
        select(DashboardApp).where(DashboardApp.account_id == account_id, DashboardApp.id == app_id)
    )


def app_problems(name: str, urls: Sequence[str]) -> dict[str, Sentence]:
    """What is wrong with a dashboard app, by field."""
    problems: dict[str, Sentence] = {}
    if not name.strip():
        problems["name"] = say("Please enter a name.")
    elif len(name) > _LONGEST_NAME:
        problems["name"] = say("Use at most %(number)s characters.", number=_LONGEST_NAME)
    if len(urls) > MOST_FRAMES:
        problems["urls"] = say("Use at most %(number)s addresses.", number=MOST_FRAMES)
    elif not urls:
        problems["urls"] = say("Enter an address.")
    elif wrong := next(filter(None, map(frame_problem, urls)), None):
        problems["urls"] = wrong
    return problems


def frame_problem(url: str) -> Sentence | None:
    """What keeps a page from being framed beside a conversation; None if nothing does."""
    if problem := kept_url_problem(url):
        return problem
    if ":" in (address := literal_address(url) or ""):
        return say("Use a host's name: browsers frame no IPv6 address.")
    if lane_of(url) == lane_of(public_url()):
        return say("This is the address of Recado itself.")
    is_here = names_this_machine(url) or address == "127.0.0.1"
    if urlsplit(url).scheme == "http" and not is_here:
        return say("The address must begin with https:// (http:// only for localhost).")
    return None


async def is_full(tx: Transaction, account_id: int) -> bool:
    """Whether an account has as many dashboard apps as it can."""
    query = select(func.count(DashboardApp.id)).where(DashboardApp.account_id == account_id)
    return (await tx.scalar(query) or 0) >= MOST


async def create_app(
    tx: Transaction, account_id: int, name: str, urls: Sequence[str], *, now: datetime
) -> DashboardApp:
    """Keep a dashboard app that has no problems."""
    app = DashboardApp(
        account_id=account_id, name=name.strip(), urls=list(urls), created_at=now, updated_at=now
    )
    tx.add(app)
    await tx.flush()
    return app


async def update_app(
    tx: Transaction, app: DashboardApp, name: str, urls: Sequence[str], *, now: datetime
) -> None:
    """Change a dashboard app; the new values have no problems."""
    app.name, app.urls, app.updated_at = name.strip(), list(urls), now
    await tx.flush()


async def delete_app(tx: Transaction, app: DashboardApp) -> None:
    """Show its tab no more."""
    await tx.delete(app)
    await tx.flush()
