"""Where buyers may be sent back to."""

from __future__ import annotations

import pytest

from billing.domain.purchase_return_uri import verify_return_uri
from kernel.errors import ValidationFailedError

HOSTS = ("example.com", "localhost", "127.0.0.1")
INSECURE = ("localhost", "127.0.0.1")


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/back?purchase=1",
        "https://example.com:8443/back",
        "https://localhost/",
        "http://localhost:3000/back",
        "http://127.0.0.1:8000/checkout",
    ],
)
def test_p06_an_allowed_host_is_let_through(uri: str) -> None:
    """Over https, and over http where the settings say so."""
    verify_return_uri(uri, hosts=HOSTS, insecure_hosts=INSECURE)


@pytest.mark.parametrize(
    "uri",
    [
        "http://example.com/back",
        "https://example.org/back",
        "https://example.com.example.org/",
        "https://sub.example.com/",
        "https://example.com@example.org/",
        "https://user:word@example.com/",
        "https://example.org\\@example.com/",
        "https://example.org/#@example.com/",
        "https://example.com/#fragment",
        "https://EXAMPLE.com/",
        "https://example.com:port/",
        "https://example.com:99999/",
        "https://[::1]/",
        "https:///example.com/",
        "https:example.com",
        "//example.com/",
        "javascript:alert(1)//example.com",
        "ftp://example.com/",
        "https://example.com/\r\nX: y",
        "https://exämple.com/",
        "https://example.com/ ",
        "",
        "https://example.com/" + "a" * 600,
    ],
)
def test_p06_everything_else_is_refused(uri: str) -> None:
    """Other schemes, other hosts, and whatever two parsers could read differently."""
    with pytest.raises(ValidationFailedError) as refused:
        verify_return_uri(uri, hosts=HOSTS, insecure_hosts=INSECURE)
    errors = refused.value.members["errors"]
    assert isinstance(errors, list)
    assert errors[0]["pointer"] == "/payment_method/return_uri"


def test_p06_without_insecure_hosts_http_is_never_allowed() -> None:
    """Outside the local stage nothing goes over http."""
    with pytest.raises(ValidationFailedError):
        verify_return_uri("http://localhost/", hosts=HOSTS, insecure_hosts=())
