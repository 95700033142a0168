"""Finds the title of an HTML page, in linear time whatever the page holds."""

from __future__ import annotations

import codecs
import html
import re
from email.message import Message
from typing import Final

MAX_TITLE_LENGTH: Final = 200
_MAX_ELEMENT_LENGTH: Final = 2000
_OPENING: Final = re.compile(r"<title(?:\s[^<>]{0,500})?>", re.IGNORECASE)
_CLOSING: Final = re.compile(r"</title", re.IGNORECASE)
# Python's own, which no page is written in (they are not in the WHATWG's Encoding Standard);
# decoding Punycode takes time that grows with the square of the length.
_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"}
)


def title_of(body: bytes, content_type: str) -> str | None:
    """Return the text of the first `title` element, white space collapsed, cut at 200 characters.

    Parameters
    ----------
    body
        The page.
    content_type
        The value of its `Content-Type` header; only HTML has a title.
    """
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_type() not in {"text/html", "application/xhtml+xml"}:
        return None
    text = _decoded(body, header.get_content_charset("utf-8"))
    opening = _OPENING.search(text)
    if opening is None:
        return None
    closing = _CLOSING.search(text, opening.end(), opening.end() + _MAX_ELEMENT_LENGTH)
    if closing is None:
        return None
    title = html.unescape(text[opening.end() : closing.start()])
    return " ".join(title.split())[:MAX_TITLE_LENGTH] or None


def _decoded(body: bytes, charset: str) -> str:
    try:
        if codecs.lookup(charset).name not in _NO_CHARSETS:
            return body.decode(charset, errors="replace")
    except (LookupError, ValueError):
        pass  # no charset at all
    return body.decode("utf-8", errors="replace")
