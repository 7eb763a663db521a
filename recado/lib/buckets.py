"""Where files lie in a storage that speaks S3, and how a request to it is signed. Pure.

Signatures are AWS's version 4, which every such storage reads: a keyed hash over method, path, query,
headers and the body's hash. Buckets are named in the path, as those need that have no name in DNS.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from hashlib import sha256
from hmac import new as keyed_hash
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

Pairs = tuple[tuple[str, str], ...]

_SCHEME: Final = "AWS4-HMAC-SHA256"
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-_]{1,62}")
_PREFIX: Final = re.compile(r"([A-Za-z0-9._\-]+/)*")
_REGION: Final = re.compile(r"[a-z0-9\-]{1,40}")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where files lie, and with which key they are reached. The secret is in no repr."""

    endpoint: str  # https://host or http://host:port
    name: str
    prefix: str  # a folder in the bucket, with a slash at the end; or nothing
    region: str
    key_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Bucket({self.endpoint}/{self.name}/{self.prefix}, {self.region})"

    @property
    def host(self) -> str:
        """As the header has it: the port only where it is not the usual one."""
        return self.endpoint.partition("//")[2]

    def path_of(self, place: str) -> str:
        """The path of a file."""
        return f"/{self.name}/{self.prefix}{place}"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of the storage. Paths hold nothing that would be escaped."""

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    content: bytes = b""

    @property
    def target(self) -> str:
        """Path and query as they are sent and signed."""
        query = _query(self.query)
        return f"{self.path}?{query}" if query else self.path


def bucket(url: str) -> Bucket:
    """The bucket of an address such as s3://KEY:SECRET@host/bucket/folder; ValueError says what is wrong.

    `?region=` names the region, `?tls=none` leaves the way open, for a storage in one's own network.
    """
    parts = _parts(url)
    name, _, folder = parts.path.strip("/").partition("/")
    prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
    if not _BUCKET.fullmatch(name) or not _PREFIX.fullmatch(prefix):
        raise ValueError(
            "after the host comes the bucket, and a folder in it if you like: letters, digits, "
            "dots, hyphens and underscores"
        )
    region, is_open = _options(parts)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = parts.port if parts.port != (80 if is_open else 443) else None
    return Bucket(
        f"{'http' if is_open else 'https'}://{shown}{f':{port}' if port else ''}", name, prefix,
        region, unquote(parts.username or ""), unquote(parts.password or ""),
    )  # fmt: skip


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme == "s3" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is never closed
        is_whole, parts = False, urlsplit("")
    if not is_whole or not parts.username or not parts.password:
        raise ValueError(
            "it must look like s3://KEY:SECRET@s3.eu-central-1.amazonaws.com/bucket?region=eu-central-1; "
            "special characters in the secret are written as %2F for /, %2B for + and so on"
        )
    return parts


def _options(parts: SplitResult) -> tuple[str, bool]:
    """The region, and whether the way is open."""
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    region = asked.pop("region", "us-east-1")
    is_open = asked.pop("tls", "") == "none"
    if asked or not _REGION.fullmatch(region) or ("tls" in parts.query and not is_open):
        raise ValueError("all that may follow the bucket is ?region=… and &tls=none")
    return region, is_open


def signed(ask: Ask, bucket: Bucket, *, now: datetime) -> Pairs:
    """The headers with which `ask` goes out, but for the host's."""
    at = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    content_hash = sha256(ask.content).hexdigest()
    headers = (*ask.headers, ("x-amz-content-sha256", content_hash), ("x-amz-date", at))
    told = sorted(
        (name.lower(), value.strip()) for name, value in (*headers, ("host", bucket.host))
    )
    names = ";".join(name for name, _ in told)
    canonical = "\n".join(
        (ask.method, ask.path, _query(ask.query), *(f"{name}:{value}" for name, value in told), "",
         names, content_hash)
    )  # fmt: skip
    scope = (at[:8], bucket.region, "s3", "aws4_request")
    text = "\n".join((_SCHEME, at, "/".join(scope), sha256(canonical.encode()).hexdigest()))
    key = reduce(_hash, scope, f"AWS4{bucket.secret}".encode())
    credential = f"{bucket.key_id}/{'/'.join(scope)}"
    proof = f"SignedHeaders={names}, Signature={_hash(key, text).hex()}"
    return (*headers, ("authorization", f"{_SCHEME} Credential={credential}, {proof}"))


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    told = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in told)


def _hash(key: bytes, text: str) -> bytes:
    return keyed_hash(key, text.encode(), sha256).digest()
