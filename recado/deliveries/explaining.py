"""What happened to a delivery and what to do about it, in words: the same on test page, log and API.

Every trouble has its sentence here, by a `match` whose missing case the type checker reports.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from recado.deliveries.states import State, Why
from recado.lib.details import expired_on
from recado.lib.languages import Day, Sentence, say
from recado.lib.outcomes import Trouble


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened, and what to do, where there is something to do."""

    happened: Sentence
    advice: Sentence | None = None

    def __str__(self) -> str:
        return f"{self.happened} {self.advice}" if self.advice else str(self.happened)


def explain(state: State, reason: Mapping[str, Any]) -> Explanation:
    """A delivery's state and reason in words."""
    if state == State.HELD:
        return Explanation(
            _PLAIN[state], say("Switch it on, and this is sent; after 7 days it expires.")
        )
    if "why" in reason:
        return _explain_why(Why(reason["why"]), reason)
    if trouble := reason.get("trouble"):
        return _with_outlook(state, reason, explain_trouble(Trouble(trouble), reason))
    if state == State.DELIVERED:
        status = reason.get("status", "2xx")
        return Explanation(say("Delivered: the receiver answered %(status)s.", status=status))
    return Explanation(_PLAIN[state])


_PLAIN: Final = {
    State.PENDING: say("Waiting to be sent."),
    State.HELD: say("Held back until the action is switched on again."),
    State.EXPIRED: say("Not sent in time."),
    State.UNKNOWN: say("Sent, but no answer came: it may have arrived."),
    State.FAILED: say("Not sent."),
    State.SKIPPED: say("Not sent."),
    State.CANCELLED: say("Not sent."),
}


def explain_trouble(trouble: Trouble, reason: Mapping[str, Any]) -> Explanation:
    """Why there was no usable answer, and what to do."""
    match trouble:
        case Trouble.TLS:
            return _explain_tls(str(reason.get("detail") or "TLS"))
        case Trouble.REDIRECT:
            return Explanation(
                say(
                    "The receiver redirects (%(status)s), which is not followed.",
                    status=reason.get("status"),
                ),
                say("Put the final address into the URL."),
            )
        case Trouble.HTTP_STATUS:
            return _explain_status(int(reason.get("status") or 0))
        case Trouble.TEMPLATE:
            return Explanation(
                _template_sentence(reason), say("Nothing was sent. Correct the custom action.")
            )
        case _:
            return _TROUBLES[trouble]


def _explain_tls(detail: str) -> Explanation:
    if day := expired_on(detail):
        return Explanation(
            say("The receiver's certificate expired on %(day)s.", day=Day(day)),
            say("Whoever runs the receiver must renew it. Then send this again."),
        )
    return Explanation(
        say("The secure connection failed: %(detail)s.", detail=detail),
        say("The receiver must present a valid certificate for its name."),
    )


# What needs nothing from the reason.
_TROUBLES: Final = {
    Trouble.TIMEOUT: Explanation(
        say("The server did not answer in time."),
        say("Check that it is running and not overloaded."),
    ),
    Trouble.DNS: Explanation(
        say("There is no such host."), say("Check the spelling of the address in the URL.")
    ),
    Trouble.CONNECT: Explanation(
        say("The server could not be reached or refused the connection."),
        say("Check the host and the port in the URL, and that the server is running."),
    ),
    Trouble.ADDRESS_REFUSED: Explanation(
        say("This address is not allowed: it is not on the public internet."),
        say("Use a public address, or ask whoever runs this server to allow the network."),
    ),
    Trouble.RESET: Explanation(
        say("The connection broke before the whole answer came."),
        say("The receiver may have acted on it; its log would tell."),
    ),
    Trouble.NOT_HTTP: Explanation(
        say("What answered does not speak HTTP."),
        say("Check the port in the URL, and whether it should be http or https."),
    ),
    Trouble.TOO_LARGE: Explanation(
        say("The headers of the answer are too large."), say("The receiver must send less.")
    ),
    Trouble.TOKEN: Explanation(
        say("No access token could be fetched; nothing was sent."),
        say("Check the address that gives the token, and that its server is running."),
    ),
    Trouble.TOKEN_REFUSED: Explanation(
        say("The address that gives the access token refused; nothing was sent."),
        say("Check client ID, client secret and scope under Authentication."),
    ),
    Trouble.SECRET: Explanation(
        say("A secret cannot be used for this address."),
        say("Enter the secret again in the custom action."),
    ),
    Trouble.INTERRUPTED: Explanation(
        say("Recado was stopped while sending; it may have arrived."),
        say("A repeat has the same webhook-id, so that the receiver can tell."),
    ),
    Trouble.STOPPED: Explanation(
        say("The test was stopped while it was under way; it may have arrived."),
        say("Look there first, then test it again."),
    ),
    Trouble.BUG: Explanation(
        say("Something went wrong inside Recado."),
        say("The server's log has the details; please report them."),
    ),
}


_ITS_SIDE: Final = say("The trouble is on its side.")
_DOWN: Final = say("It is down or overloaded at the moment: check that it is running.")
_ADVICE: Final = {
    400: say("It did not understand the data: compare the body with its documentation."),
    401: say("It wants a valid key or password: check the header it expects."),
    403: say("The key is known but not allowed to do this."),
    404: say("There is nothing at this URL: check the path."),
    405: say("It wants another HTTP method at this URL."),
    409: say("It says that this record exists already or has changed."),
    410: say("It says that this address is gone for good: change the URL."),
    413: say("The body is larger than it takes."),
    415: say("Add the header Content-Type that it expects, for example application/json."),
    422: say("It did not understand the data: compare the body with its documentation."),
    429: say("It wants fewer requests."),
    500: say(
        "It failed while working on this call, often on data it does not expect: see its log."
    ),
    502: _DOWN,
    503: _DOWN,
    504: _DOWN,
}


def _explain_status(status: int) -> Explanation:
    answered = say("The receiver answered %(status)s.", status=status)
    if 200 <= status < 300:
        return Explanation(
            answered, say("The custom action does not count this as success: see how it is sent.")
        )
    at_a_loss = _ITS_SIDE if status >= 500 else say("Its documentation says what this means.")
    return Explanation(answered, _ADVICE.get(status, at_a_loss))


def _template_sentence(reason: Mapping[str, Any]) -> Sentence:
    kept = reason.get("sentence")
    if isinstance(kept, Mapping):
        return Sentence(str(kept["text"]), dict(kept.get("values") or {}))
    return say("The request could not be made from its template.")


def _explain_why(why: Why, reason: Mapping[str, Any]) -> Explanation:
    who = reason.get("who", "")
    match why:
        case Why.BY_PERSON:
            told = say("Cancelled by %(who)s.", who=who) if who else say("Cancelled.")
            return Explanation(told, _AFTER_ALL)
        case Why.AGAIN:
            return Explanation(say("Waiting to be sent again, as %(who)s asked.", who=who))
        case _:
            return _NOT_SENT[why]


_AFTER_ALL: Final = say("Send it again if it should go after all.")
_NOT_SENT: Final = {
    Why.ACTION_OFF: Explanation(
        say("Not sent: the custom action is switched off."),
        say("Switch it on, then send this again."),
    ),
    Why.ACTION_DRAFT: Explanation(
        say("Not sent: the custom action is still a draft."),
        say("Test and save it, then send this again."),
    ),
    Why.ACTION_DELETED: Explanation(
        say("Not sent: the custom action was deleted."),
        say("Make a new one if the receiver should still be told."),
    ),
    Why.UNKNOWN_THERE: Explanation(
        say("Not written back: the other desk does not know this person or team."),
        say("Somebody with the same e-mail, or a team of the same name, must be there, too."),
    ),
    Why.EXPIRED: Explanation(
        say("Not sent in time."),
        say("It was older than the custom action allows. Send it again if it is still of use."),
    ),
    Why.CLOSED: Explanation(
        say("Not sent: the conversation is no longer open."),
        say("The custom action is sent only while it is."),
    ),
    Why.REPLACED: Explanation(
        say("Not sent: a newer call of this conversation took its place."),
        say("There is nothing to do: the newer one has the newest data."),
    ),
    Why.SURGE: Explanation(
        say("Not sent: there were far more calls than usual, and somebody skipped them."),
        _AFTER_ALL,
    ),
    Why.SAME: Explanation(
        say("Not sent: the same call was made just before."),
        say("There is nothing to do: the custom action asks not to repeat it so soon."),
    ),
    Why.ERASED: Explanation(
        say("Called off: the contact was erased."),
        say("Had it left just then, it may have arrived; nothing of it is kept."),
    ),
    Why.GONE: Explanation(
        say("Not sent: the receiver said that its address is gone for good."),
        say("Correct the URL of the custom action and switch it on."),
    ),
}


def explain_notice(notice: Mapping[str, Any]) -> Sentence:
    """Why Recado itself switched a custom action off, and what to do."""
    calls = notice.get("calls")
    if "budget" in notice:
        return say(
            "Paused: %(calls)s calls in an hour, beyond its budget of %(budget)s. Its calls are held. Is that right?",
            calls=calls,
            budget=notice["budget"],
        )
    if "usual" in notice:
        return say(
            "Paused: %(calls)s calls in an hour, where %(usual)s are usual. Its calls are held. Is that right?",
            calls=calls,
            usual=notice["usual"],
        )
    return say(
        "The other system answered 410: this address is gone for good. Recado switched the action off; correct the URL and switch it on."
    )


def _with_outlook(state: State, reason: Mapping[str, Any], told: Explanation) -> Explanation:
    """An end says why there are no more tries."""
    tries = int(reason.get("tries") or 0)
    if state == State.UNKNOWN:
        return Explanation(
            told.happened,
            say("It may have arrived. Look there first, then send it again if it did not."),
        )
    if state == State.EXPIRED:
        return Explanation(told.happened, say("Its time was over before the next try."))
    if state == State.FAILED and tries > 1:
        return Explanation(told.happened, say("Given up after %(tries)s tries.", tries=tries))
    return told
