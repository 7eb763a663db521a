"""Where Recado may connect to, and what a URL must look like. Nothing here touches the network.

Rules of actions are written by administrators of accounts, who must not reach what only this
machine can reach. `ipaddress.is_global` is no such guard (it calls NAT64 forms of 127.0.0.1 global,
and its answers change between patch levels), so the table of refused networks stands here, from
IANA's special-purpose registries (RFC 6890 and its updates) and the clouds' manuals. The guard is
asked at the moment of connecting; the checks of URLs only spare people the way there.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import quote

import idna

from recado.lib.languages import Sentence, say

LONGEST_URL: Final = 8 * 1024  # bytes, as sent
_LONGEST_KEPT: Final = 2_048  # characters, as the API has it, and what an index holds

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# An operator who allows a network that contains one of these has allowed these as well.
_REFUSED: Final = (
    ("0.0.0.0/8", "this network, RFC 791; Linux connects 0.0.0.0 to itself"),
    ("10.0.0.0/8", "private, RFC 1918"),
    ("100.64.0.0/10", "shared by carriers, RFC 6598"),
    ("127.0.0.0/8", "this machine, RFC 1122"),
    ("172.16.0.0/12", "private, RFC 1918"),
    ("192.0.0.0/24", "protocol assignments, RFC 6890"),
    ("192.0.2.0/24", "documentation, RFC 5737"),
    ("192.31.196.0/24", "AS112, RFC 7535"),
    ("192.52.193.0/24", "multicast tunnelling, RFC 7450"),
    ("192.88.99.0/24", "6to4 relays, RFC 7526"),
    ("192.168.0.0/16", "private, RFC 1918"),
    ("192.175.48.0/24", "AS112, RFC 7534"),
    ("198.18.0.0/15", "benchmarks, RFC 2544"),
    ("198.51.100.0/24", "documentation, RFC 5737"),
    ("203.0.113.0/24", "documentation, RFC 5737"),
    ("240.0.0.0/4", "class E and broadcast, RFC 1112"),
    ("::/128", "unspecified, RFC 4291"),
    ("::1/128", "this machine, RFC 4291"),
    ("::/96", "IPv4 in IPv6, RFC 4291"),
    ("::ffff:0:0:0/96", "IPv4 translated, RFC 2765"),
    ("64:ff9b::/96", "NAT64, RFC 6052"),
    ("64:ff9b:1::/48", "local NAT64, RFC 8215"),
    ("::/8", "reserved, RFC 4291"),
    ("100::/8", "discard and dummy prefixes, RFC 6666"),
    ("200::/7", "reserved, RFC 4048"),
    ("400::/6", "reserved, RFC 4291"),
    ("800::/5", "reserved, RFC 4291"),
    ("1000::/4", "reserved, RFC 4291"),
    ("2001::/23", "protocol assignments (Teredo, ORCHID, benchmarks), RFC 2928"),
    ("2001:db8::/32", "documentation, RFC 3849"),
    ("2002::/16", "6to4, RFC 3056"),
    ("2620:4f:8000::/48", "AS112, RFC 7534"),
    ("3fff::/20", "documentation, RFC 9637"),
    ("4000::/2", "reserved (5f00::/16 is segment routing, RFC 9602), RFC 4291"),
    ("8000::/2", "reserved, RFC 4291"),
    ("c000::/3", "reserved, RFC 4291"),
    ("e000::/4", "reserved, RFC 4291"),
    ("f000::/5", "reserved, RFC 4291"),
    ("f800::/6", "reserved, RFC 4291"),
    ("fc00::/7", "private, RFC 4193"),
    ("fe00::/9", "reserved, RFC 4291"),
    ("fec0::/10", "site-local, RFC 3879"),
)

# These stay refused unless a network inside the entry itself is allowed: a machine's own cloud
# identity must not fall into somebody's hands because the office network was allowed.
_REFUSED_UNLESS_NAMED: Final = (
    ("100.100.100.200/32", "metadata of a cloud (Alibaba)"),
    ("168.63.129.16/32", "platform address of a cloud (Azure)"),
    ("169.254.0.0/16", "link-local and metadata of clouds, RFC 3927"),
    ("192.0.0.192/32", "metadata of a cloud (Oracle)"),
    ("224.0.0.0/4", "multicast, RFC 5771"),
    ("255.255.255.255/32", "broadcast, RFC 8190"),
    ("::ffff:0:0/96", "IPv4 mapped, RFC 4291: no honest name server answers so"),
    ("fd00:42::42/128", "metadata of a cloud (Scaleway)"),
    ("fd00:c1::a9fe:a9fe/128", "metadata of a cloud (Oracle)"),
    ("fd00:ec2::/32", "metadata of a cloud (Amazon)"),
    ("fd20:ce::254/128", "metadata of a cloud (Google)"),
    ("fe80::/10", "link-local, RFC 4291"),
    ("ff00::/8", "multicast, RFC 4291"),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    network: Network
    reason: str
    must_be_named: bool

    def is_lifted_by(self, allowed: Network) -> bool:
        return not self.must_be_named or _is_inside(allowed, self.network)


_ENTRIES: Final = sorted(
    (
        *(_Entry(ip_network(network), reason, False) for network, reason in _REFUSED),
        *(_Entry(ip_network(network), reason, True) for network, reason in _REFUSED_UNLESS_NAMED),
    ),
    key=lambda entry: -entry.network.prefixlen,  # the nearest reason first
)


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """Judges addresses; refuses all that is not public unless the operator allowed its network.

    `allowed` comes from the machine's settings, never from an account.
    """

    allowed: tuple[Network, ...] = ()

    def refusal(self, address: str) -> str | None:
        """Why nothing may be sent to `address`; None if it may.

        An IPv4 address inside an IPv6 one is judged as well. The reason is for logs and tests: told
        to an account's people it would map the inside for them.
        """
        if "%" in address:
            return "an address with a zone"
        try:
            given = ip_address(address)
        except ValueError:
            return "not an IP address"
        reasons = (self._refusal_of(form) for form in (given, *_embedded_in(given)))
        return next((reason for reason in reasons if reason), None)

    def surely_refuses(self, url: str) -> bool:
        """Whether the address in a URL is one that nothing may be sent to, as far as it can be told
        without asking for its name. ValueError for a URL that has a problem.
        """
        address = "127.0.0.1" if names_this_machine(url) else literal_address(url)
        return address is not None and self.refusal(address) is not None

    def _refusal_of(self, address: Address) -> str | None:
        entries = _entries_about(address)
        if not entries:
            return None
        lifting = [network for network in self.allowed if address in network]
        for entry in entries:
            if not any(entry.is_lifted_by(network) for network in lifting):
                return entry.reason
        return None


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks named in an operator's setting, parted by commas or spaces.

    A ValueError holds a sentence for whoever wrote the setting.
    """
    return tuple(_network(word) for word in re.split(r"[,\s]+", text) if word)


def url_problem(url: str) -> Sentence | None:
    """What keeps Recado from sending to `url`, as a sentence for people; None if nothing does.

    Says nothing about where the host leads: the guard does, when the address is known.
    """
    parts = _parse(url)
    return parts if isinstance(parts, Sentence) else None


Refuses = Callable[[str], bool]  # whether nothing goes to a URL: `AddressGuard.surely_refuses`


def kept_url_problem(url: str, refuses: Refuses | None = None) -> Sentence | None:
    """The same for an address that is kept as it is, without templates in it. With `refuses` also
    that the guard lets nothing go there.
    """
    if len(url) > _LONGEST_KEPT:
        return say("Use at most %(number)s characters.", number=_LONGEST_KEPT)
    problem = url_problem(url)
    return NOT_PUBLIC if problem is None and refuses and refuses(url) else problem


NOT_PUBLIC: Final = say(
    "Recado may not call this address: it is not on the public internet. Use a public address, or ask"
    " whoever runs this server to allow the network."
)


def lane_of(url: str) -> str:
    """`scheme://host:port` in lower case, the same for every spelling of one destination.

    The host is as DNS knows it (`xn--…`). ValueError for a URL that has a problem.
    """
    parts = _parts_of(url)
    return f"{parts.scheme}://{parts.host}:{parts.port}"


def url_as_sent(url: str) -> str:
    """`url` as it goes out: host for DNS, other characters than ASCII escaped, no fragment.

    What is escaped already stays exactly as written, so signed URLs stay valid. ValueError for a
    URL that has a problem.
    """
    parts = _parts_of(url)
    return f"{parts.scheme}://{parts.host}:{parts.port}{parts.rest}"


def literal_address(url: str) -> str | None:
    """The IP address that stands in `url` instead of a name, so the guard can be asked on saving.

    ValueError for a URL that has a problem.
    """
    host = _parts_of(url).host.strip("[]")
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def names_this_machine(url: str) -> bool:
    """Whether the host is a name that always means this machine (RFC 6761, 6.3).

    ValueError for a URL that has a problem.
    """
    host = _parts_of(url).host.rstrip(".")
    return host == "localhost" or host.endswith(".localhost")


@lru_cache(maxsize=1024)
def _entries_about(address: Address) -> tuple[_Entry, ...]:
    return tuple(entry for entry in _ENTRIES if address in entry.network)


def _is_inside(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)


_LAST_32_BITS: Final = tuple(
    IPv6Network(network)
    for network in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)
_LOCAL_NAT64: Final = IPv6Network("64:ff9b:1::/48")
_6TO4: Final = IPv6Network("2002::/16")
_TEREDO: Final = IPv6Network("2001::/32")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)  # RFC 5214


def _embedded_in(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that a gateway would take out of an IPv6 one."""
    if isinstance(address, IPv4Address) or int(address) <= 1:
        return
    bits = int(address)
    if any(address in network for network in _LAST_32_BITS) or (bits >> 32) & 0xFFFFFFFF in _ISATAP:
        yield from _ipv4(bits)
    if address in _LOCAL_NAT64:  # RFC 6052 puts it round bits 64 to 71 where the prefix has 48
        yield from _ipv4((bits >> 64 & 0xFFFF) << 16 | bits >> 40 & 0xFFFF)
    if address in _6TO4:
        yield from _ipv4(bits >> 80)
    if address in _TEREDO:
        yield from _ipv4(bits >> 64)  # the server
        yield from _ipv4(~bits)  # the client, RFC 4380


def _ipv4(bits: int) -> Iterator[IPv4Address]:
    lowest = bits & 0xFFFFFFFF
    if lowest:  # zero stands where another form of the prefix keeps nothing
        yield IPv4Address(lowest)


def _network(word: str) -> Network:
    try:
        return ip_network(word)
    except ValueError:
        message = f'"{word}" is not a network; write it like 10.0.0.0/8 or fd00::/8'
        raise ValueError(message) from None


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: str
    host: str  # for DNS, in lower case; an IPv6 address stands in brackets
    port: int
    rest: str  # path and query, percent-encoded; begins with a slash


_SHAPE: Final = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)", re.I)
_AUTHORITY: Final = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>.*))?")
_PORT: Final = re.compile(r"0*[1-9][0-9]{0,4}")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_KEPT_IN_PATHS: Final = "%/?:@!$&'()*+,;=[]~"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def _parts_of(url: str) -> _Parts:
    parts = _parse(url)
    if isinstance(parts, Sentence):
        raise ValueError(parts.text % parts.values)
    return parts


@lru_cache(maxsize=1024)
def _parse(url: str) -> _Parts | Sentence:
    """Take `url` apart, once and in one place, or say what is wrong with it."""
    if len(url) > LONGEST_URL:
        return _too_long()
    if not url.isprintable() or " " in url or "\\" in url:
        return say(
            "The URL must not contain spaces, line breaks, backslashes or hidden characters."
        )
    shape = _SHAPE.match(url)
    if shape is None:
        return say("The URL must begin with http:// or https://.")
    authority = _parse_authority(shape["authority"], shape["scheme"].lower())
    if isinstance(authority, Sentence):
        return authority
    host, port = authority
    parts = _Parts(shape["scheme"].lower(), host, port, _escaped(shape["rest"]))
    return _too_long() if len(host) + len(parts.rest) + 16 > LONGEST_URL else parts


def _too_long() -> Sentence:
    return say("The URL must not be longer than %(limit)s characters.", limit=LONGEST_URL - 16)


def _parse_authority(authority: str, scheme: str) -> tuple[str, int] | Sentence:
    if "@" in authority:
        return say("The URL must not contain a user name or password. Use a secret in a header.")
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        return say("The host %(host)s in the URL is not valid.", host=authority)
    port = _DEFAULT_PORTS[scheme]
    if found["port"] is not None:
        if not _PORT.fullmatch(found["port"]) or int(found["port"]) > 65535:
            return say("The port in the URL must be a number from 1 to 65535.")
        port = int(found["port"])
    host = _parse_host(found["host"])
    return host if isinstance(host, Sentence) else (host, port)


def _parse_host(host: str) -> str | Sentence:
    if not host:
        return say("The URL needs a host, for example https://example.com/.")
    if host.startswith("["):
        return _parse_ipv6(host)
    name = _name_for_dns(host)
    if name is None:
        return say("The host %(host)s in the URL is not valid.", host=host)
    if _NUMBER.fullmatch(name.rpartition(".")[2]) and not _is_plain_ipv4(host):
        return say(
            "Write the IP address %(host)s as four plain numbers, for example 198.51.100.7.",
            host=host,
        )
    return name


def _parse_ipv6(host: str) -> str | Sentence:
    try:
        if "%" in host:
            raise ValueError
        return f"[{IPv6Address(host[1:-1])}]"
    except ValueError:
        return say("%(host)s is not an IPv6 address that can be used.", host=host)


def _name_for_dns(host: str) -> str | None:
    name = host.lower()
    if not name.isascii():
        try:
            name = idna.encode(host, uts46=True).decode("ascii")
        except UnicodeError:
            return None
    is_sane = len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))
    return name if is_sane else None


def _is_plain_ipv4(host: str) -> bool:
    """Four decimal numbers and nothing else: no other spelling of a number means one address."""
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def _escaped(rest: str) -> str:
    path = quote(rest, safe=_KEPT_IN_PATHS)
    return path if path.startswith("/") else f"/{path}"
