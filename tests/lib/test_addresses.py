"""Every spelling of a place that is nobody's business, one a line, and the URLs that lead there."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recado.lib.addresses import (
    LONGEST_URL,
    AddressGuard,
    lane_of,
    literal_address,
    parse_networks,
    url_as_sent,
    url_problem,
)
from recado.lib.languages import LANGUAGES, gettext, speaking

REFUSED = [
    ("0.0.0.0", "Linux connects it to itself"),
    ("0.1.2.3", "this network"),
    ("10.0.0.1", "private"),
    ("10.255.255.255", "private, its last"),
    ("100.64.0.1", "shared by carriers; neither private nor global for ipaddress"),
    ("100.127.255.255", "shared by carriers, their last"),
    ("100.100.100.200", "metadata at Alibaba"),
    ("127.0.0.1", "this machine"),
    ("127.255.255.254", "this machine too"),
    ("168.63.129.16", "a cloud's inside; ipaddress calls it global"),
    ("169.254.169.254", "metadata of most clouds"),
    ("169.254.170.2", "credentials of containers at Amazon"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private, its last"),
    ("192.0.0.1", "protocol assignments"),
    ("192.0.0.192", "metadata at Oracle"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "6to4 relays; ipaddress calls it global"),
    ("192.168.1.1", "private: somebody's router"),
    ("198.18.0.1", "benchmarks"),
    ("198.19.255.255", "benchmarks, their last"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("224.0.0.1", "multicast; ipaddress calls it global"),
    ("239.255.255.250", "multicast: home networks' discovery"),
    ("240.0.0.1", "class E"),
    ("254.255.255.255", "class E, its last but broadcast"),
    ("255.255.255.255", "broadcast"),
    ("::", "unspecified"),
    ("::1", "this machine"),
    ("::127.0.0.1", "IPv4 compatible, long deprecated"),
    ("::8.8.8.8", "IPv4 compatible: no form of it is honest"),
    ("::ffff:127.0.0.1", "IPv4 mapped"),
    ("::ffff:169.254.169.254", "IPv4 mapped"),
    ("::ffff:8.8.8.8", "IPv4 mapped: no honest name server answers so"),
    ("::ffff:0:127.0.0.1", "IPv4 translated, RFC 2765"),
    ("::ffff:0:7f00:1", "the same in hexadecimal; ipaddress calls it global"),
    ("::ffff:0:808:808", "IPv4 translated, also of a public address"),
    ("::2", "IPv4 compatible: beside this machine"),
    ("64:ff9b::7f00:1", "NAT64 form of 127.0.0.1, RFC 6052"),
    ("64:ff9b::a9fe:a9fe", "NAT64 form of 169.254.169.254, RFC 6052"),
    ("64:ff9b::808:808", "NAT64 form of a public address: only where the operator has NAT64"),
    ("64:ff9b::", "NAT64 of nothing"),
    ("64:ff9b:1::1", "local NAT64, RFC 8215"),
    ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "local NAT64, its last"),
    ("64:ff9b:1:7f00:0:100::", "local NAT64 form of 127.0.0.1 with a prefix of 48 bits"),
    ("100::1", "discard"),
    ("2001::1", "Teredo"),
    ("2001:0:7f00:1::", "Teredo with 127.0.0.1 as its server"),
    ("2001:0:808:808:0:0:80ff:fffe", "Teredo with 127.0.0.1 as its client"),
    ("2001:20::1", "ORCHID, second version"),
    ("2001:2::1", "benchmarks"),
    ("2001:10::1", "ORCHID"),
    ("2001:db8::1", "documentation"),
    ("2002:7f00:1::", "6to4 form of 127.0.0.1"),
    ("2002:a9fe:a9fe::", "6to4 form of 169.254.169.254"),
    ("2002:808:808::1", "6to4 form of a public address"),
    ("2a00:1450::5efe:10.0.0.1", "ISATAP form of 10.0.0.1 in a public network, RFC 5214"),
    ("2a00:1450::200:5efe:7f00:1", "ISATAP form of 127.0.0.1, its universal bit set"),
    ("3fff::1", "documentation, RFC 9637"),
    ("3fff:fff::1", "documentation, near its end"),
    ("4000::1", "reserved"),
    ("5f00::1", "segment routing, RFC 9602"),
    ("8000::1", "reserved"),
    ("fc00::1", "private"),
    ("fd12:3456::1", "private"),
    ("fd00:ec2::254", "metadata at Amazon"),
    ("fe80::1", "link-local"),
    ("febf::1", "link-local, its last /16"),
    ("fe80::1%eth0", "link-local with a zone"),
    ("fec0::1", "site-local; ipaddress calls it global"),
    ("feff::1", "site-local, its last /16"),
    ("ff02::1", "multicast; ipaddress calls it global"),
    ("ff05::1:3", "multicast of a site"),
    ("ff0e::1", "multicast of the world"),
    ("2606:4700::1%1", "a zone where none belongs"),
    ("localhost", "no address at all"),
    ("2130706433", "127.0.0.1 as one number"),
    ("127.1", "127.0.0.1, shortened"),
    ("0177.0.0.1", "127.0.0.1, octal"),
    ("0x7f.1", "127.0.0.1, hexadecimal and shortened"),
    ("127。0。0。1", "127.0.0.1 with full stops of Chinese"),
    ("0", "0.0.0.0 as one number"),
    ("01.1.1.1", "a public address with a zero that may mean octal"),
    (" 1.1.1.1", "a space"),
    ("1.1.1.1/32", "a network"),
    ("[::1]", "brackets belong to URLs"),
    ("", "nothing"),
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "172.32.0.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2606:4700::5efe:808:808",  # ISATAP form of a public address
    "3fff:1000::1",  # beside the network of documentation
]


@pytest.mark.parametrize(("address", "why"), REFUSED)
def test_what_is_not_public_is_refused_with_a_reason(address: str, why: str) -> None:
    assert AddressGuard().refusal(address), why


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_let_through(address: str) -> None:
    assert AddressGuard().refusal(address) is None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_whatever_python_calls_private_is_refused_too(address: IPv4Address | IPv6Address) -> None:
    is_refused = AddressGuard().refusal(str(address)) is not None
    assert is_refused or (address.is_global and not address.is_multicast)


@given(st.ip_addresses(v=6).filter(lambda address: int(address) >> 125 != 1))
def test_outside_of_global_unicast_nothing_is_public(address: IPv6Address) -> None:
    assert AddressGuard().refusal(str(address))


OPERATORS = [
    # allowed, address, whether it works
    ("10.0.0.0/8", "10.1.2.3", True),
    ("10.0.0.0/8", "169.254.169.254", False),
    ("10.0.0.0/8", "11.0.0.1", True),  # public as before
    ("10.0.0.0/8", "192.168.0.1", False),
    ("10.0.0.0/8", "::ffff:10.1.2.3", False),  # the IPv6 network around it is not named
    ("10.0.0.0/8 ::ffff:0:0/96", "::ffff:10.1.2.3", True),
    ("::ffff:0:0/96", "::ffff:10.1.2.3", False),  # nor is the IPv4 network inside
    ("0.0.0.0/0", "192.168.0.1", True),
    ("0.0.0.0/0", "169.254.169.254", False),  # a cloud's identity has to be named
    ("169.254.169.254", "169.254.169.254", True),
    ("169.254.169.254", "169.254.169.253", False),
    ("169.254.0.0/16", "169.254.169.254", True),
    ("100.64.0.0/10", "100.64.0.9", True),
    ("100.64.0.0/10", "100.100.100.200", False),
    ("fc00::/7", "fd12::1", True),
    ("fc00::/7", "fd00:ec2::254", False),
    ("::/0", "fe80::1", False),
    ("::/0", "fe80::1%eth0", False),
    ("64:ff9b::/96", "64:ff9b::8.8.8.8", True),  # a network of IPv6 only, behind NAT64
    ("64:ff9b::/96", "64:ff9b::10.0.0.1", False),
    ("64:ff9b:1::/48", "64:ff9b:1::8.8.8.8", True),
    ("64:ff9b:1::/48", "64:ff9b:1:808:8:800::", True),  # 8.8.8.8 round bits 64 to 71
    ("64:ff9b:1::/48", "64:ff9b:1:a01:2:300::", False),  # 10.1.2.3 there
    ("2002::/16", "2002:808:808::", True),
    ("2002::/16", "2002:a00:1::", False),
    ("2001::/32", "2001:0:808:808:0:0:f7f7:f7f7", True),
    ("2001::/32", "2001:0:808:808:0:0:f5ff:fffe", False),  # the client is 10.0.0.1, inverted
    ("2001::/32", "2001:0:a00:1:0:0:f7f7:f7f7", False),  # the server is 10.0.0.1
    ("127.0.0.0/8, ::1", "::1", True),
    ("127.0.0.0/8, ::1", "127.0.0.1", True),
    ("127.0.0.0/8, ::1", "0.0.0.0", False),
]


@pytest.mark.parametrize(("allowed", "address", "works"), OPERATORS)
def test_an_operator_allows_what_is_named_and_nothing_else(
    allowed: str, address: str, works: bool
) -> None:
    refusal = AddressGuard(parse_networks(allowed)).refusal(address)
    assert (refusal is None) is works


def test_networks_are_parted_by_commas_spaces_and_lines() -> None:
    networks = parse_networks(" 10.0.0.0/8,192.168.1.1\n fd00::/8 ")
    assert [str(network) for network in networks] == ["10.0.0.0/8", "192.168.1.1/32", "fd00::/8"]
    assert parse_networks("") == ()


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "office", "fe80::1%eth0/64x"])
def test_a_network_with_a_mistake_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not a network; write it like"):
        parse_networks(f"10.0.0.0/8, {text}")


PROBLEMS = [
    # a URL, a word of the sentence about it
    ("", "begin"),
    ("example.com/path", "begin"),
    ("//example.com/", "begin"),
    ("ftp://example.com/", "begin"),
    ("file:///etc/passwd", "begin"),
    ("gopher://127.0.0.1:25/", "begin"),
    ("javascript:alert(1)", "begin"),
    ("http:example.com", "begin"),
    ("http:/example.com", "begin"),
    ("http://", "needs a host"),
    ("http:///path", "needs a host"),
    ("http://?query", "needs a host"),
    ("http://:80/", "needs a host"),
    ("http://user@example.com/", "user name"),
    ("http://user:password@example.com/", "user name"),
    ("http://example.com:80@127.0.0.1/", "user name"),
    ("http://@example.com/", "user name"),
    ("http://127.0.0.1\\@example.com/", "backslashes"),
    ("http://example.com\\.evil.example/", "backslashes"),
    ("http:\\\\example.com/", "backslashes"),
    ("http://127.0.0.1\uff0f@example.com/", "user name"),  # a slash once it is normalised
    ("http://example.com%2f@127.0.0.1/", "user name"),
    ("http://example.com/a\\b", "backslashes"),
    ("http://exa mple.com/", "spaces"),
    (" http://example.com/", "spaces"),
    ("http://example.com/a b", "spaces"),
    ("http://exa\tmple.com/", "spaces"),
    ("http://exa\nmple.com/", "line breaks"),
    ("http://exa\rmple.com/", "line breaks"),
    ("http://example.com\x85/", "line breaks"),
    ("http://example.com\xa0/", "spaces"),
    ("http://exa\xadmple.com/", "hidden"),
    ("http://example.com/\r\nHost: x", "line breaks"),
    ("http://example.com/\0", "hidden"),
    ("http://example.com/\x7f", "hidden"),
    ("http://exam\u200bple.com/", "hidden"),
    ("http://example.com/\u202eabc", "hidden"),
    ("http://example.com/\ud800", "hidden"),
    ("http://example.com/\u3000", "spaces"),
    ("http://example.com:0/", "port"),
    ("http://example.com:65536/", "port"),
    ("http://example.com:99999/", "port"),
    ("http://example.com:-1/", "port"),
    ("http://example.com:+80/", "port"),
    ("http://example.com:8_0/", "port"),
    ("http://example.com:/", "port"),
    ("http://example.com:8o/", "port"),
    ("http://example.com:８０/", "port"),
    ("http://example.com:80:80/", "port"),
    ("http://2130706433/", "four plain numbers"),
    ("http://0x7f000001/", "four plain numbers"),
    ("http://0x7f.1/", "four plain numbers"),
    ("http://0X7F.0.0.1/", "four plain numbers"),
    ("http://127.0.0.0x1/", "four plain numbers"),
    ("http://0x7F.0x0.0x0.0x1/", "four plain numbers"),
    ("http://017700000001/", "four plain numbers"),
    ("http://0o177.0.0.1/", "four plain numbers"),
    ("http://00000000177.0.0.1/", "four plain numbers"),
    ("http://0x/", "four plain numbers"),
    ("http://0177.0.0.1/", "four plain numbers"),
    ("http://127.1/", "four plain numbers"),
    ("http://127.0.1/", "four plain numbers"),
    ("http://0/", "four plain numbers"),
    ("http://127.0.0.01/", "four plain numbers"),
    ("http://256.1.1.1/", "four plain numbers"),
    ("http://1.2.3.4.5/", "four plain numbers"),
    ("http://example.123/", "four plain numbers"),
    ("http://①②⑦.⓪.⓪.①/", "four plain numbers"),
    ("http://１２７.０.０.１/", "four plain numbers"),
    ("http://127。0。0。1/", "four plain numbers"),
    ("http://127｡0｡0｡1/", "four plain numbers"),
    ("http://127．0．0．1/", "four plain numbers"),
    ("http://𝟏𝟐𝟕.0.0.1/", "four plain numbers"),
    ("http://¹²⁷.0.0.1/", "four plain numbers"),
    ("http://1२7.0.0.1/", "four plain numbers"),
    ("http://١٢٧.0.0.1/", "not valid"),
    ("http://example\uff1a80.com/", "not valid"),  # ":", "@", "?", "#", "%" once normalised
    ("http://example\uff20evil.com/", "not valid"),
    ("http://example\uff1fevil.com/", "not valid"),
    ("http://example\uff03evil.com/", "not valid"),
    ("http://example\uff05evil.com/", "not valid"),
    ("http://example\u2100evil.com/", "not valid"),  # "a/c"
    ("http://[::1%25eth0]/", "IPv6"),
    ("http://[fe80::1%eth0]/", "IPv6"),
    ("http://[::1/", "not valid"),
    ("http://::1/", "not valid|port"),
    ("http://[127.0.0.1]/", "IPv6"),
    ("http://[v1.a]/", "IPv6"),
    ("http://[::1]x/", "not valid"),
    ("http://x[::1]/", "not valid"),
    ("http://example.com./", "not valid"),
    ("http://127.0.0.1./", "not valid"),
    ("http://exa..mple.com/", "not valid"),
    ("http://.example.com/", "not valid"),
    ("http://-example.com/", "not valid"),
    ("http://127%2e0%2e0%2e1/", "not valid"),
    ("http://ex*mple.com/", "not valid"),
    ("http://{{host}}/", "not valid"),
    ("http://exa😀..com/", "not valid"),
    (f"http://{'a' * 64}.com/", "not valid"),
    (f"http://{'a.' * 127}com/", "not valid"),
    (f"http://example.com/{'a' * LONGEST_URL}", "longer"),
    (f"http://example.com/{'é' * (LONGEST_URL // 5)}", "longer"),
]


@pytest.mark.parametrize(("url", "word"), PROBLEMS)
def test_a_url_that_could_mean_two_things_is_refused(url: str, word: str) -> None:
    problem = url_problem(url)
    assert problem is not None
    with speaking("en"):
        assert any(part in str(problem) for part in word.split("|")), str(problem)


@pytest.mark.parametrize(("url", "word"), PROBLEMS)
def test_nothing_is_made_of_a_url_with_a_problem(url: str, word: str) -> None:
    with pytest.raises(ValueError, match=r"URL|IP"):
        lane_of(url)
    with pytest.raises(ValueError, match=r"URL|IP"):
        url_as_sent(url)


LANES = [
    ("https://example.com", "https://example.com:443"),
    ("HTTPS://EXAMPLE.com:443/path?query#part", "https://example.com:443"),
    ("http://example.com:0080/", "http://example.com:80"),
    ("http://example.com?query", "http://example.com:80"),
    ("http://my_service:3000/", "http://my_service:3000"),
    ("http://intranet/", "http://intranet:80"),
    ("http://xn--ao-siap.com.br/", "http://xn--ao-siap.com.br:80"),
    ("http://ação.com.br/", "http://xn--ao-siap.com.br:80"),
    ("http://AÇÃO.com.br/", "http://xn--ao-siap.com.br:80"),
    ("https://straße.de/", "https://xn--strae-oqa.de:443"),  # as browsers do, not "strasse"
    ("http://８８.example/", "http://88.example:80"),
    ("http://8.8.8.8/", "http://8.8.8.8:80"),
    ("http://[::1]:8080/", "http://[::1]:8080"),
    ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]:80"),
    ("http://[::127.0.0.1]/", "http://[::7f00:1]:80"),  # an address; the guard refuses it
    ("http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[::ffff:7f00:1]:80"),  # this one too
    ("http://example.com#@127.0.0.1/", "http://example.com:80"),
    ("http://example.com?@127.0.0.1/", "http://example.com:80"),
]


@pytest.mark.parametrize(("url", "lane"), LANES)
def test_every_spelling_of_a_destination_has_one_lane(url: str, lane: str) -> None:
    assert url_problem(url) is None
    assert lane_of(url) == lane


SENT = [
    ("https://example.com", "https://example.com:443/"),
    ("https://example.com?a=b", "https://example.com:443/?a=b"),
    ("https://example.com/a#part", "https://example.com:443/a"),
    ("https://example.com/%41%2f?sig=a%2Bb%3D+c", "https://example.com:443/%41%2f?sig=a%2Bb%3D+c"),
    ("https://example.com/ação?q=ñ", "https://example.com:443/a%C3%A7%C3%A3o?q=%C3%B1"),
    ("https://example.com/a/../b//c", "https://example.com:443/a/../b//c"),
    ('https://example.com/<"{x}|^>', "https://example.com:443/%3C%22%7Bx%7D%7C%5E%3E"),
    ("https://example.com/a@b:c;d,e!$&'()*", "https://example.com:443/a@b:c;d,e!$&'()*"),
]


@pytest.mark.parametrize(("url", "sent"), SENT)
def test_a_url_goes_out_as_it_was_written(url: str, sent: str) -> None:
    assert url_as_sent(url) == sent


def test_a_literal_address_is_known_on_saving() -> None:
    assert literal_address("http://169.254.169.254/latest") == "169.254.169.254"
    assert literal_address("http://[::127.0.0.1]/") == "::7f00:1"
    assert literal_address("http://example.com/") is None


@given(st.text())
def test_no_text_surprises_the_parser(text: str) -> None:
    problem = url_problem(f"http://{text}")
    assert problem is not None or url_as_sent(f"http://{text}").startswith("http://")


def test_every_sentence_is_said_in_every_language() -> None:
    texts = {problem.text for url, _ in PROBLEMS if (problem := url_problem(url))}
    assert len(texts) == 9
    for language in LANGUAGES:
        with speaking(language):
            assert all((gettext(text) == text) is (language == "en") for text in texts)
