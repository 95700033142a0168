"""Where a buyer may be sent back to after 3-D Secure: only to hosts of the settings.

An open redirect behind a payment page is what phishing is made of, so anything that two URL
parsers could read differently is refused rather than understood.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, urlsplit

from kernel.errors import ValidationFailedError

MAX_LENGTH: Final = 512
# RFC 3986 without the characters that parsers disagree on: backslash, white space, controls,
# anything beyond ASCII. A fragment has no place in a redirect target either.
_PLAIN: Final = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_AUTHORITY: Final = re.compile(r"[a-z0-9.\-]+(:[0-9]{1,5})?")


def verify_return_uri(uri: str, *, hosts: Collection[str], insecure_hosts: Collection[str]) -> None:
    """Let only a return URI on an allowed host through.

    Parameters
    ----------
    uri
        What the client sent.
    hosts
        The host names allowed over https.
    insecure_hosts
        Those allowed over http as well; empty outside the local stage.

    Raises
    ------
    ValidationFailedError
        If the scheme, the host or the form is not allowed.
    """
    if len(uri) > MAX_LENGTH or not _PLAIN.fullmatch(uri):
        raise _refusal("url_parsing", f"must be a plain URL of at most {MAX_LENGTH} characters")
    parts = _split(uri)
    allowed = {"https": hosts, "http": insecure_hosts}.get(parts.scheme)
    if allowed is None:
        raise _refusal("url_scheme", "must be an https URL")
    if parts.hostname not in allowed:
        raise _refusal("host_not_allowed", "must lead to a host that is allowed here")


def _split(uri: str) -> SplitResult:
    try:
        parts = urlsplit(uri)
        _ = parts.port  # reading it is what checks it
    except ValueError:
        raise _refusal("url_parsing", "must be a URL") from None
    # No user information, no upper-case tricks, no bracketed addresses.
    if not _AUTHORITY.fullmatch(parts.netloc):
        raise _refusal("url_parsing", "must name nothing but a host and a port")
    return parts


def _refusal(code: str, message: str) -> ValidationFailedError:
    return ValidationFailedError.at("/payment_method/return_uri", code, message)
