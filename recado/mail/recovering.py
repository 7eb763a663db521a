"""The e-mail that lets whoever forgot the password choose another."""

from datetime import datetime

from recado.accounts.people import find_user_by_email, memberships_of
from recado.accounts.recovering import has_fresh_link, link_to_new_password
from recado.db.database import Transaction
from recado.lib.languages import say, speaking
from recado.lib.mail_servers import has_mail_server, mailable
from recado.mail.models import Kind
from recado.mail.writing import Asked, Sheet, write_emails


async def mail_new_password(tx: Transaction, email: str, *, now: datetime) -> None:
    """Write to whoever signs in with this address, in their language; to nobody where it is unknown.

    Once in a while only: neither a person nor the good name of the mail server is worn out by whoever
    asks for it again and again.
    """
    user = await find_user_by_email(tx, email)
    recipient = mailable(user.email) if user else None
    if user is None or recipient is None or not has_mail_server():
        return
    memberships = await memberships_of(tx, user.id)
    if not memberships or await has_fresh_link(tx, user.id, now=now):
        return
    link = await link_to_new_password(tx, user.id, now=now)
    with speaking(user.language):
        sheet = Sheet(
            Kind.NEW_PASSWORD,
            str(say("Choose a new password")),
            str(
                say(
                    "Somebody, probably you, forgot the password of %(email)s.\n\n"
                    "Open this address to choose another. It works once, for 24 hours, and is meant for you "
                    "alone:\n%(link)s\n\n"
                    "If it was not you, do nothing: your password stays as it is.",
                    email=user.email,
                    link=link,
                )
            ),
        )
    await write_emails(tx, sheet, [recipient], Asked(memberships[0].account_id), now=now)
