"""Which HTTP headers a gateway passes on."""

from collections.abc import Iterable

from multidict import CIMultiDict

# RFC 9110, section 7.6.1; `Expect` and `Content-Length` are settled once a body has been read.
HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te"),
        *("trailer", "transfer-encoding", "upgrade", "expect", "content-length"),
    }
)
# API Gateway writes these itself, whatever a client says.
OWN = frozenset({"host", "forwarded", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"})


def end_to_end(
    raw: Iterable[tuple[bytes, bytes]], *, without: frozenset[str] = frozenset()
) -> CIMultiDict[str]:
    """Keep the headers that are meant for the other end, repeated ones and odd bytes too.

    Parameters
    ----------
    raw
        Names and values as they came over the wire.
    without
        Further names to drop, in lower case.
    """
    headers = [(_text(name), _text(value)) for name, value in raw]
    listed = [value for name, value in headers if name.lower() == "connection"]
    named = {name.strip().lower() for value in listed for name in value.split(",")}
    dropped = HOP_BY_HOP | without | named
    return CIMultiDict((name, value) for name, value in headers if name.lower() not in dropped)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
