"""Why an e-mail stands where it stands, in a sentence: what happened, and what to do."""

from collections.abc import Mapping
from typing import Final

from recado.lib.languages import Sentence, say
from recado.lib.mailing import MailTrouble
from recado.mail.models import Email, Progress

NO_SERVER: Final = say(
    "Recado sends no e-mail here: whoever runs it sets RECADO_SMTP_URL to a mail server."
)


_SENTENCES: Final[Mapping[MailTrouble, Sentence]] = {
    MailTrouble.NO_SERVER: NO_SERVER,
    MailTrouble.TOO_MANY: say("The account has sent as many e-mails as it may in 24 hours."),
    MailTrouble.UNREACHABLE: say(
        "The mail server cannot be reached. Whoever runs Recado can look with `recado doctor`."
    ),
    MailTrouble.ENCRYPTION: say(
        "There is no safe connection to the mail server, so nothing was told to it."
    ),
    MailTrouble.SIGN_IN: say("The mail server refuses our user or password."),
    MailTrouble.SENDER: say("The mail server refuses the address that our e-mails come from."),
    MailTrouble.RECIPIENT: say("The mail server refuses this address. Check how it is written."),
    MailTrouble.CONTENT: say("The mail server refuses this e-mail."),
    MailTrouble.LATER: say("The mail server does not take it just now."),
    MailTrouble.ADDRESS_REFUSED: say(
        "The mail server has an inner address, which Recado does not connect to. Whoever runs Recado "
        "can allow its network with RECADO_ALLOWED_NETWORKS."
    ),
    MailTrouble.NO_MAILBOX: say(
        "The inbox is not set up to send e-mail. An administrator finds it under Settings, Inboxes."
    ),
    MailTrouble.NO_ADDRESS: say("The contact has no e-mail address."),
    MailTrouble.AUTOMATIC: say(
        "The last e-mail was an automatic one, and machines would answer each other for ever."
    ),
    MailTrouble.WITHDRAWN: say("Its message was deleted before it was sent."),
    MailTrouble.LOOP: say("This conversation had too many automatic e-mails in the last hour."),
}


def why(email: Email) -> Sentence | None:
    """Why it is not sent, or not yet; None where nothing stood in the way."""
    if email.trouble is None or email.state == Progress.SENT:
        return None
    return why_not(MailTrouble(email.trouble))


def why_not(trouble: MailTrouble) -> Sentence:
    """What a trouble means."""
    return _SENTENCES[trouble]
