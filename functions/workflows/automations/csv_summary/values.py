"""What kind of value stands in a cell."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple

# A leading zero marks an identifier (a postal code, a telephone number), not a quantity.
_INTEGER: Final = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,14})")  # exact in every JSON parser
_NUMBER: Final = re.compile(
    r"[+-]?(?:0|[1-9][0-9]{0,307})?(?:\.[0-9]{1,100})?(?:[eE][+-]?[0-9]{1,3})?"
)
_HAS_DIGIT: Final = re.compile(r"[+-]?\.?[0-9]")
_DATE: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)

Order = Decimal | datetime | str


class Kind(NamedTuple):
    """A type of column: its name, and how a cell is read as one (None: it is none)."""

    name: str
    read: Callable[[str], Order | None]


def _integer(cell: str) -> Order | None:
    return Decimal(cell) if _INTEGER.fullmatch(cell) else None


def _number(cell: str) -> Order | None:
    if not (_HAS_DIGIT.match(cell) and _NUMBER.fullmatch(cell)):
        return None
    return Decimal(cell) if math.isfinite(float(cell)) else None


def _boolean(cell: str) -> Order | None:
    return cell.lower() if cell.lower() in {"true", "false"} else None


def _date(cell: str) -> Order | None:
    """Read an ISO 8601 date or date and time; without an offset it counts as UTC."""
    if not _DATE.fullmatch(cell):
        return None
    try:
        moment = datetime.fromisoformat(cell)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(cell: str) -> Order | None:
    return cell


INTEGER: Final = Kind("integer", _integer)
NUMBER: Final = Kind("number", _number)
BOOLEAN: Final = Kind("boolean", _boolean)
DATE: Final = Kind("date", _date)
TEXT: Final = Kind("text", _text)
EMPTY: Final = "empty"
# A column is of the first type that fits all of its values.
KINDS: Final = (INTEGER, NUMBER, BOOLEAN, DATE, TEXT)
