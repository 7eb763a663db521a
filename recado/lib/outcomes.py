"""What goes out and what comes back, as values: a Request becomes an Outcome.

`Trouble` is the closed list of why there was no usable answer. Its sentences for people stand in
`deliveries/explaining.py`; here are only the names, which the API, the log and the tests share.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO


class Trouble(StrEnum):
    """Why a request got no usable answer. The API shows these names."""

    TIMEOUT = "timeout"  # the deadline over the whole attempt passed
    DNS = "dns"  # no such host
    CONNECT = "connect"  # refused or unreachable
    TLS = "tls"  # certificate or handshake
    ADDRESS_REFUSED = "address_refused"  # the address guard said no; nothing was sent
    RESET = "reset"  # the connection broke before the whole answer came
    NOT_HTTP = "not_http"  # the bytes that came back are not HTTP
    TOO_LARGE = "too_large"  # headers of the answer beyond the limit
    REDIRECT = "redirect"  # 3xx: redirects are not followed
    HTTP_STATUS = "http_status"  # a status that is no success
    TEMPLATE = "template"  # the request could not be made from its template; nothing was sent
    TOKEN = "token"  # noqa: S105 - the token address gave none this time; nothing was sent
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - it does not accept the client; nothing was sent
    SECRET = "secret"  # noqa: S105 - a secret is missing or belongs to another host; nothing sent
    INTERRUPTED = "interrupted"  # the worker died between sending and recording
    STOPPED = "stopped"  # whoever tried it stopped it under way
    BUG = "bug"  # our own mistake; the log has the traceback


@dataclass(frozen=True, slots=True)
class RequestHeader:
    """A header of a frozen request; a secret one has its secret's id instead of a value."""

    name: str
    value: str
    secret_id: int | None = None


class Scheme(StrEnum):
    """How a request is signed: which headers, over what."""

    STANDARD = "standard"  # Standard Webhooks 1.0
    CHATWOOT = "chatwoot"  # X-Chatwoot-Signature over "timestamp.body", and STANDARD


@dataclass(frozen=True, slots=True)
class Signing:
    """With which secrets a request is signed: those that are live in `ring_id` at each attempt."""

    ring_id: int
    scheme: Scheme = Scheme.STANDARD


class AuthKind(StrEnum):
    """How a request shows who sends it."""

    NONE = "none"
    BASIC = "basic"  # user and password, RFC 7617
    BEARER = "bearer"  # a token that does not change, RFC 6750
    API_KEY = "api_key"  # a key in a header or in the query
    OAUTH2 = "oauth2"  # a token fetched with client credentials, RFC 6749, 4.4


@dataclass(frozen=True, slots=True)
class Auth:
    """How one request is authorised: plain values by name, secrets by name as ids."""

    kind: AuthKind
    values: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, int], ...] = ()

    def value(self, name: str) -> str:
        """A plain value; empty where there is none."""
        return dict(self.values).get(name, "")

    @property
    def has_certificate(self) -> bool:
        """Whether a client certificate is shown in the handshake (mutual TLS)."""
        return any(name == "certificate" for name, _ in self.secrets)


@dataclass(frozen=True, slots=True)
class Request:
    """A rendered request, frozen. Secret values are not in it, only their ids.

    `body` is text that encodes to UTF-8, or None for no body; `content` goes in its place where the
    bytes are no text, as those of a file.
    """

    method: str
    url: str
    headers: tuple[RequestHeader, ...] = ()
    body: str | None = None
    signing: Signing | None = None
    auth: Auth | None = None
    content: bytes | None = field(default=None, repr=False)

    @property
    def written(self) -> bytes | BytesIO | None:
        """The body as it is written: a file piece by piece, since it may be large."""
        if self.content is not None:
            return BytesIO(self.content)
        return None if self.body is None else self.body.encode()


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of each phase of an attempt; None where the phase did not happen.

    `connect` excludes DNS, `tls` excludes connect, `first_byte` is from the start of the attempt's
    request being written to the first byte of the answer; `total` covers everything.
    """

    total: float
    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer of any status.

    `body` holds at most 64 KiB of what came, `body_size` how much was read (at most 1 MiB);
    `is_cut` says that there was more than `body` holds. `address` is where the name led.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    body_size: int
    is_cut: bool
    timing: Timing
    reason: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer. `was_sent`: the request was written at least in part, so it may have been acted on.

    `detail` is for technicians ("certificate has expired"); it never names an internal address.
    `address` is where the name led: empty where it is none that may be called.
    """

    trouble: Trouble
    timing: Timing
    was_sent: bool = False
    detail: str = field(default="")
    address: str = ""


Outcome = Response | Failure
