"""Sending with credentials: a token fetched where one is needed, and once more when it is refused.

Whatever it takes lies within the one deadline of the attempt.
"""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from recado.deliveries.fetching_tokens import Held, TokenOwner, Tokens
from recado.lib.authorizing import Token, authorised, token_error, token_from, token_request
from recado.lib.certificates import ClientCertificate
from recado.lib.outcomes import (
    Auth,
    AuthKind,
    Failure,
    Outcome,
    Request,
    Response,
    Timing,
    Trouble,
)
from recado.lib.sending import Sender

_UNAUTHORISED = 401
_PASSING = frozenset({408, 425, 429})


@dataclass(slots=True)
class Exchange:
    """One attempt with credentials. `hidden` are the values that must never be kept afterwards."""

    sender: Sender
    tokens: Tokens
    owner: TokenOwner
    credentials: Mapping[str, str]  # secrets by name
    deadline_seconds: float
    hidden: set[str] = field(default_factory=set)
    _ends_at: float = 0.0

    async def send(self, request: Request, secrets: Mapping[int, str]) -> Outcome:
        """Send once; a request refused for an old token goes again with a new one."""
        self._ends_at = asyncio.get_running_loop().time() + self.deadline_seconds
        self._hide()
        if self._auth.kind != AuthKind.OAUTH2:
            return await self._once(authorised(request, self.credentials), secrets)
        held = await self._token()
        if isinstance(held, Failure):
            return held
        outcome = await self._with_token(request, secrets, held)
        if not _is_refused(outcome) or held.is_fresh:
            return outcome
        self.tokens.forget(self.owner, held.value)
        again = await self._token()
        return (
            again if isinstance(again, Failure) else await self._with_token(request, secrets, again)
        )

    @property
    def _auth(self) -> Auth:
        return self.owner.auth

    @property
    def _left(self) -> float:
        return max(0.05, self._ends_at - asyncio.get_running_loop().time())

    async def _with_token(
        self, request: Request, secrets: Mapping[int, str], held: Held
    ) -> Outcome:
        self.hidden.add(held.value)
        return await self._once(authorised(request, {"token": held.value}), secrets)

    async def _once(self, request: Request, secrets: Mapping[int, str]) -> Outcome:
        return await self.sender.send(
            request,
            secrets=secrets,
            deadline_seconds=self._left,
            certificate=self._certificate(),
        )

    async def _token(self) -> Held | Failure:
        try:
            async with asyncio.timeout(self._left):
                return await self.tokens.token(self.owner, self._fetch)
        except TimeoutError:
            return _no_token(Trouble.TOKEN, "the token address did not answer in time")

    async def _fetch(self) -> Token | Failure:
        """Ask the token address; others may wait for the answer, so it has a whole deadline."""
        outcome = await self.sender.send(
            token_request(self._auth, self.credentials["client_secret"]),
            secrets={},
            deadline_seconds=self.deadline_seconds,
            certificate=self._certificate(),
        )
        if isinstance(outcome, Failure):
            return _unreached(outcome)
        token = token_from(outcome) if 200 <= outcome.status < 300 else None
        return token or _refusal(outcome)

    def _certificate(self) -> ClientCertificate | None:
        if not self._auth.has_certificate:
            return None
        return ClientCertificate(
            self.credentials["certificate"], self.credentials["certificate_key"]
        )

    def _hide(self) -> None:
        """Receivers may echo what they are sent; a private key is never sent."""
        sent = {name: one for name, one in self.credentials.items() if "certificate" not in name}
        self.hidden |= set(sent.values())
        if "password" in sent:
            pair = f"{self._auth.value('user')}:{sent['password']}"
            self.hidden.add(base64.b64encode(pair.encode()).decode())


def _is_refused(outcome: Outcome) -> bool:
    return isinstance(outcome, Response) and outcome.status == _UNAUTHORISED


def _unreached(failure: Failure) -> Failure:
    if failure.trouble in (Trouble.ADDRESS_REFUSED, Trouble.SECRET):
        return _no_token(failure.trouble, failure.detail)
    words = f"the token address: {failure.trouble.replace('_', ' ')}"
    return _no_token(Trouble.TOKEN, f"{words}, {failure.detail}" if failure.detail else words)


def _refusal(response: Response) -> Failure:
    told = f"the token address answered {response.status}"
    if response.status >= 500 or response.status in _PASSING:
        return _no_token(Trouble.TOKEN, told)
    if 200 <= response.status < 300:
        return _no_token(Trouble.TOKEN_REFUSED, f"{told} without an access_token")
    code = token_error(response)
    return _no_token(Trouble.TOKEN_REFUSED, f"{told} {code}" if code else told)


def _no_token(trouble: Trouble, detail: str) -> Failure:
    return Failure(trouble, Timing(total=0.0), detail=detail)
