"""Finding the account that somebody means: at an address, with a token, among those it opens."""

from dataclasses import dataclass, replace

from recado.chatwoot.calling import NotAnswered, Remote, ask_profile, place_in
from recado.chatwoot.reading import Unreadable, number_of, rows_in
from recado.lib.languages import Sentence, say
from recado.lib.sending import Sender


@dataclass(frozen=True, slots=True)
class Entered:
    """The account, its name there, and whose token it is."""

    remote: Remote
    name: str
    user_id: int


async def enter(sender: Sender, typed: str, token: str, account: int | None) -> Entered:
    """Ask the desk at an address who we are; NotAnswered, with a sentence, where that does not work."""
    try:
        url, pasted = place_in(typed)
    except ValueError as error:
        raise NotAnswered(_sentence_of(error)) from error
    remote = Remote(sender, url, token.strip())
    profile = (await ask_profile(remote)).json
    try:
        opens = {number_of(one): str(one.get("name") or "") for one in rows_in(profile, "accounts")}
    except Unreadable:
        raise NotAnswered(say("It does not answer as a Chatwoot does.")) from None
    wanted = account or pasted or (next(iter(opens)) if len(opens) == 1 else None)
    if wanted is None or wanted not in opens:
        known = ", ".join(f"{one} ({name})" for one, name in opens.items()) or "–"
        sentence = say("Say which account: the token opens %(known)s.", known=known)
        raise NotAnswered(sentence, place="account")
    return Entered(replace(remote, account_id=wanted), opens[wanted], number_of(profile))


def _sentence_of(error: ValueError) -> Sentence:
    return error.args[0] if isinstance(error.args[0], Sentence) else Sentence(str(error))
