"""Notifications by e-mail: only to whoever is away, and once while there is something unread."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from recado.accounts.models import Availability, Membership, User
from recado.db.database import Transaction
from recado.lib.languages import gettext, speaking
from recado.lib.mail_servers import has_mail_server, mailable
from recado.lib.public_urls import public_url
from recado.mail.models import Kind as MailKind
from recado.mail.writing import Asked, Sheet, write_emails
from recado.notifications.models import Kind, Notification, Way
from recado.notifications.reading import WITH_SUBJECT
from recado.notifications.wording import opening_path, path_of, text_of, title_of


async def email_those_away(tx: Transaction, rows: Sequence[Any], *, now: datetime) -> None:
    """Write e-mails about the notifications of these rows to those who want them and are away.

    What was added to an unread one is no news, unless it is another mention. Without a mail server
    there is nothing to write: the page of one's choices says so.
    """
    if not (rows and has_mail_server()):
        return
    is_new = {row.id: row.is_new for row in rows}
    query = (
        select(Notification, Membership, User)
        .join(
            Membership,
            (Membership.account_id == Notification.account_id)
            & (Membership.user_id == Notification.user_id),
        )
        .join(User, User.id == Notification.user_id)
        .where(Notification.id.in_(is_new), Notification.ways.contains([Way.EMAIL]))
        .options(*WITH_SUBJECT)
        .order_by(Notification.id)
    )
    for one, member, user in await tx.execute(query):
        is_away = member.availability_at(now) != Availability.ONLINE
        if is_away and (is_new[one.id] or one.kind == Kind.MENTION):
            await _write(tx, one, user, now=now)


async def _write(tx: Transaction, one: Notification, user: User, *, now: datetime) -> None:
    talk = one.conversation
    asked = Asked(one.account_id, conversation_id=talk.display_id if talk else None)
    with speaking(user.language):
        sheet = Sheet(MailKind.NOTIFICATION, str(title_of(one)), _body(one))
    recipients = [found for found in [mailable(user.email)] if found]
    await write_emails(tx, sheet, recipients, asked, now=now)


def _body(one: Notification) -> str:
    link = public_url() + (path_of(one) if one.conversation else opening_path(one))
    choices = public_url("app", "profile", "notifications")
    foot = gettext("You get this e-mail because you were away. Choose what you are told:")
    parts = [str(title_of(one)), text_of(one), link, f"-- \n{foot}\n{choices}"]
    return "\n\n".join(part for part in parts if part) + "\n"
