"""`website-check`: which URLs may be fetched, in whatever notation they are written."""

from __future__ import annotations

import socket
import threading
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.automations.verdict import AutomationFailed
from workflows.automations.website_check.addresses import is_public
from workflows.automations.website_check.resolver import resolve
from workflows.automations.website_check.target import (
    checked_addresses,
    parse,
    redirected,
)

PUBLIC = ("8.8.8.8", "93.184.216.34", "2606:4700::6810:84e5", "::ffff:8.8.8.8", "64:ff9b::808:808")
NOT_PUBLIC = (
    "0.0.0.0",  # noqa: S104  # nobody binds to it here
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "no address",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_fetched(address: str) -> None:
    """Given an address on the internet, it is public."""
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_any_other_address_may_not(address: str) -> None:
    """Given an address for private, local, shared, reserved or metadata use, it is not public."""
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_judged_like_itself(address: IPv4Address) -> None:
    """Given any IPv4 address, mapped, NAT64 and 6to4 forms are public exactly if it is."""
    number = int(address)
    forms = (
        f"::ffff:{address}",
        f"64:ff9b::{address}",
        f"2002:{number >> 16:x}:{number & 65535:x}::1",
    )

    assert {is_public(form) for form in forms} == {is_public(str(address))}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0177.0.0.01",
        "0",
        "localhost",
        "LOCALHOST.",
        "127。0。0。1",
        "\uff11\uff12\uff17.0.0.1",
        "[::1]",
        "[::ffff:7f00:1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_every_notation_of_a_local_address_is_refused(host: str) -> None:
    """Given this machine's address in any notation, what the system resolves it to is refused."""
    target = parse(f"http://{host}/")

    with pytest.raises(AutomationFailed, match="target_refused"):
        checked_addresses(target, lambda name, port: resolve(name, port, 5))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "example.com",
        "http://",
        "http:///path",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://@example.com/",
        "http://example.com:22/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:port/",
        "http://exa mple.com/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com/\r\nX-Injected: 1",
        "http://example.com/\x00",
        "http://[::1",
        "http://..",
        "http://[fe80::1%25eth0]/",
        "http://[::1%25lo]/",
        "http://127.0.0.1%2eexample.com/",
        f"http://{'a' * 64}.example.com/",
        "http://exa<mple.com/",
        "http://example.com/" + "a" * 2048,
    ],
)
def test_a_url_that_must_not_be_fetched_is_refused(url: str) -> None:
    """Given another scheme or port, credentials or a malformed URL, the verdict is a refusal."""
    with pytest.raises(AutomationFailed, match="target_refused"):
        parse(url)


@pytest.mark.parametrize(
    ("url", "host", "authority", "path"),
    [
        ("http://example.com", "example.com", "example.com", "/"),
        ("HTTPS://Example.COM:443/a?b=c#d", "example.com", "example.com", "/a?b=c"),
        ("http://example.com:443/", "example.com", "example.com:443", "/"),
        (
            "https://bücher.example/ä?ö=ü",
            "xn--bcher-kva.example",
            "xn--bcher-kva.example",
            "/%C3%A4?%C3%B6=%C3%BC",
        ),
        ("https://[2606:4700::1]/%20", "2606:4700::1", "[2606:4700::1]", "/%20"),
    ],
)
def test_a_url_is_taken_apart(url: str, host: str, authority: str, path: str) -> None:
    """Given a URL, host and path are in ASCII and the fragment stays at home."""
    target = parse(url)

    assert (target.host, target.authority, target.path) == (host, authority, path)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "//user@example.com/", "http://[", "/a b"]
)
def test_a_redirect_obeys_the_same_rules(location: str) -> None:
    """Given a redirect to what must not be fetched, it is refused."""
    with pytest.raises(AutomationFailed, match="target_refused"):
        redirected(parse("https://example.com/a/b"), location)


def test_a_relative_redirect_is_resolved() -> None:
    """Given a redirect to a path, it leads to the same host."""
    target = redirected(parse("https://example.com/a/b"), "../c?d")

    assert target.url == "https://example.com/c?d"


def test_a_name_with_one_address_that_is_not_public_is_refused() -> None:
    """Given a name that resolves to a public and a private address, neither is connected to."""
    with pytest.raises(AutomationFailed, match="target_refused"):
        checked_addresses(parse("http://example.com/"), lambda *_: ["8.8.8.8", "10.0.0.1"])


def test_a_name_without_addresses_is_no_refusal() -> None:
    """Given a name that resolves to nothing, the site is down, not refused."""
    with pytest.raises(OSError, match="no address"):
        checked_addresses(parse("http://example.com/"), lambda *_: [])


def test_resolving_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a resolver that does not answer, resolving ends with a time-out."""
    gave_up = threading.Event()

    def silent(*_: object, **__: object) -> list[object]:
        gave_up.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)

    with pytest.raises(TimeoutError):
        resolve("localhost", 80, 0.01)
    gave_up.set()


def test_a_name_that_the_system_cannot_encode_does_not_resolve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a name that the resolver chokes on, it is a host that does not exist."""

    def choke(*_: object, **__: object) -> None:
        raise UnicodeError

    monkeypatch.setattr(socket, "getaddrinfo", choke)

    with pytest.raises(OSError, match="no such host"):
        resolve("example.com", 80, 5)


def test_a_name_with_too_many_addresses_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given more addresses than a site has, resolving fails."""
    many = [(0, 0, 0, "", (f"8.8.8.{index}", 80)) for index in range(9)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: many)

    with pytest.raises(OSError, match="too many"):
        resolve("example.com", 80, 5)
