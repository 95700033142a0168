"""The one place that reads the time; everything else is told it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

# Python reads more forms of ISO 8601 than RFC 3339 has (section 5.6).
_RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Render a time as RFC 3339 in UTC with milliseconds and a `Z`.

    The text sorts as the times do, so it also serves in sort keys.
    """
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def rfc3339_or_none(moment: datetime | None) -> str | None:
    """Render a time that may be absent."""
    return None if moment is None else rfc3339(moment)


def parse_rfc3339(text: str) -> datetime:
    """Read an RFC 3339 time.

    Raises
    ------
    ValueError
        If the text is not an RFC 3339 time, names no offset, or is not within the years 1 to 9999.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError(f"{text!r} is not an RFC 3339 time")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is outside of the calendar in UTC") from None
