"""The e-mail that carries an invitation."""

from datetime import datetime

from recado.accounts.inviting import Invited
from recado.accounts.models import Membership
from recado.db.database import Transaction
from recado.lib.languages import say
from recado.lib.mail_servers import has_mail_server, mailable
from recado.mail.models import Kind
from recado.mail.writing import Asked, Sheet, write_emails


async def mail_invitation(
    tx: Transaction, inviter: Membership, invited: Invited, *, now: datetime
) -> None:
    """Write an invitation's link to its address, in the inviter's language.

    Without a mail server nothing is written: the link is for the inviter to pass on.
    """
    recipient = mailable(invited.invitation.email)
    if recipient is None or not has_mail_server():
        return
    names = {"name": inviter.user.name, "account": inviter.account.name}
    subject = say("%(name)s invites you to %(account)s", **names)
    body = say(
        "%(name)s invites you to answer conversations at %(account)s.\n\n"
        "Open this address to join. It works once, for seven days, and is meant for you alone:\n"
        "%(link)s\n\n"
        "If you do not expect this, do nothing.",
        **names,
        link=invited.link,
    )
    asked = Asked(inviter.account_id, inviter.user.name)
    sheet = Sheet(Kind.INVITATION, str(subject), str(body))
    await write_emails(tx, sheet, [recipient], asked, now=now)
