"""From a URL to a checked place to connect to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from workflows.automations.verdict import AutomationFailed
from workflows.automations.website_check.addresses import is_public

MAX_URL_LENGTH: Final = 2048
_PORTS: Final = {"http": 80, "https": 443}
_PLAIN: Final = re.compile(r"[^\x00-\x20\x7f\\]+")  # what URL parsers do not disagree about
# No `%`: an address with a zone (RFC 6874) is one of a local network.
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")
_SAFE: Final = "%/:@!$&'()*+,;=~-._?"

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart; `host` is in ASCII, `path` includes the query."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def refused(reason: str) -> AutomationFailed:
    """Make the verdict that a URL must not be fetched."""
    return AutomationFailed("target_refused", f"This URL must not be fetched: {reason}.")


def parse(url: str) -> Target:
    """Take a URL apart.

    Raises
    ------
    AutomationFailed
        `target_refused`, unless it is an http or https URL on port 80 or 443 without credentials.
    """
    if len(url) > MAX_URL_LENGTH or not _PLAIN.fullmatch(url):
        raise refused("it is malformed")
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        raise refused("it is malformed") from None
    if scheme not in _PORTS:
        raise refused("only http and https URLs are fetched")
    if parts.username is not None or parts.password is not None:
        raise refused("it holds credentials")
    port = _PORTS[scheme] if port is None else port
    if port not in _PORTS.values():
        raise refused("only ports 80 and 443 are allowed")
    path = quote(parts.path or "/", safe=_SAFE)
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(url, scheme, _ascii_host(host), port, path + query)


def redirected(target: Target, location: str) -> Target:
    """Take apart the URL that a target redirects to, under the same rules.

    Raises
    ------
    AutomationFailed
        `target_refused`, as `parse` does.
    """
    try:
        return parse(urljoin(target.url, location))
    except ValueError:
        raise refused("it redirects to a malformed one") from None


def checked_addresses(target: Target, resolve: Resolve) -> Sequence[str]:
    """Resolve a target's host, once; connect to nothing but what this returns.

    Raises
    ------
    AutomationFailed
        `target_refused`, if any of its addresses is not public: a name that resolves to both
        kinds is an attack or a mistake.
    OSError
        If the host cannot be resolved.
    """
    addresses = resolve(target.host, target.port)
    if not addresses:
        raise OSError("no address")
    if not all(is_public(address) for address in addresses):
        raise refused("its host is not on the public internet")
    return addresses


def _ascii_host(host: str) -> str:
    try:
        text = host.encode("idna").decode("ascii").rstrip(".") if ":" not in host else host
    except UnicodeError:
        raise refused("its host is malformed") from None
    if not _HOST.fullmatch(text):
        raise refused("its host is malformed")
    return text
