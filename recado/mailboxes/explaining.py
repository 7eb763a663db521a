"""Why a mailbox cannot be read, in a sentence: what happened, and what to do."""

from collections.abc import Mapping
from typing import Final

from recado.lib.imap import MailboxTrouble
from recado.lib.languages import Sentence, say
from recado.lib.mailing import MailTrouble

_READING: Final[Mapping[MailboxTrouble, Sentence]] = {
    MailboxTrouble.DNS: say("Nobody knows a server of this name. Check how it is written."),
    MailboxTrouble.ADDRESS_REFUSED: say(
        "The server has an inner address, which Recado does not connect to. Whoever runs Recado can "
        "allow its network with RECADO_ALLOWED_NETWORKS."
    ),
    MailboxTrouble.UNREACHABLE: say(
        "There is no connection to the server, or it broke. Check host and port."
    ),
    MailboxTrouble.TIMEOUT: say("The server does not answer in time. Check host and port."),
    MailboxTrouble.ENCRYPTION: say(
        "There is no safe connection to the server, so no password was told to it. Usual are TLS "
        "with port 993, or STARTTLS with port 143."
    ),
    MailboxTrouble.CERTIFICATE: say(
        "The server's certificate is not valid for this name, so no password was told to it. Check "
        "the host; whoever runs Recado can trust an authority of your own with RECADO_CA_FILE."
    ),
    MailboxTrouble.SIGN_IN: say(
        "The server refuses the user or the password. Many providers want a password made for "
        "programs (an app password)."
    ),
    MailboxTrouble.FOLDER: say("There is no folder of this name in the mailbox."),
    MailboxTrouble.PROTOCOL: say("What answers there does not speak IMAP as it should."),
    MailboxTrouble.SECRET: say("The stored password cannot be read any more. Enter it again."),
}
_SENDING: Final[Mapping[MailTrouble, Sentence]] = {
    MailTrouble.ADDRESS_REFUSED: _READING[MailboxTrouble.ADDRESS_REFUSED],
    MailTrouble.UNREACHABLE: _READING[MailboxTrouble.UNREACHABLE],
    MailTrouble.ENCRYPTION: say(
        "There is no safe connection to the server, so no password was told to it. Usual are "
        "STARTTLS with port 587, or TLS with port 465."
    ),
    MailTrouble.SIGN_IN: _READING[MailboxTrouble.SIGN_IN],
    MailTrouble.LATER: say("The mail server does not take it just now."),
}


def why_unread(trouble: MailboxTrouble) -> Sentence:
    """Why letters do not come in."""
    return _READING[trouble]


def why_unsent(trouble: MailTrouble) -> Sentence:
    """Why answers would not go out, for whoever tries it."""
    return _SENDING.get(trouble, _READING[MailboxTrouble.UNREACHABLE])
