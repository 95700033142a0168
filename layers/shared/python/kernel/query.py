"""Query parameters: read one by one, every finding reported at once, none ignored.

A misspelt filter that is silently dropped shows a client more than it asked for, so unknown and
repeated parameters are findings too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from kernel.clock import parse_rfc3339
from kernel.errors import ValidationFailedError
from kernel.ids import is_id
from kernel.json_pointer import pointer

_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_FLAGS: Final = {"true": True, "false": False}

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


class Query:
    """The query of one request.

    Each reader returns its default, or None, for a parameter that is absent or not valid; what is
    not valid is remembered, and `verify` raises all of it.

    Parameters
    ----------
    given
        The parameters.
    repeated
        The names of those that were given more than once.
    """

    def __init__(self, given: Mapping[str, str], repeated: Collection[str] = ()) -> None:
        self._given = given
        self._known: set[str] = set()
        self._findings = [
            _finding(name, "repeated", "must be given once") for name in sorted(repeated)
        ]

    def text(self, name: str) -> str | None:
        """Read a parameter as it is."""
        self._known.add(name)
        return self._given.get(name)

    def integer(self, name: str, *, low: int, high: int, default: int) -> int:
        """Read an integer from `low` to `high`."""
        text = self.text(name)
        if text is None:
            return default
        if _DIGITS.fullmatch(text) and low <= int(text) <= high:
            return int(text)
        self._refuse(name, "out_of_range", f"must be an integer from {low} to {high}")
        return default

    def flag(self, name: str) -> bool:
        """Read `true` or `false`; absent means false."""
        text = self.text(name)
        if text is None or text in _FLAGS:
            return _FLAGS[text or "false"]
        self._refuse(name, "bool_parsing", "must be true or false")
        return False

    def choice(self, name: str, choices: type[ChoiceT]) -> ChoiceT | None:
        """Read one of the values of an enumeration."""
        text = self.text(name)
        if text is None or text in set(choices):
            return None if text is None else choices(text)
        self._refuse(name, "enum", f"must be one of {', '.join(choices)}")
        return None

    def time(self, name: str) -> datetime | None:
        """Read an RFC 3339 time."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return parse_rfc3339(text)
        except ValueError:
            self._refuse(name, "datetime", "must be an RFC 3339 time with an offset")
            return None

    def identifier(self, name: str, prefix: str) -> str | None:
        """Read an id with this prefix."""
        text = self.text(name)
        if text is None or is_id(prefix, text):
            return text
        self._refuse(name, "id", f"must be an id that begins with {prefix}_")
        return None

    def verify(self) -> None:
        """Refuse the query if anything in it is not valid, what nobody has read included.

        Raises
        ------
        ValidationFailedError
            With every finding, its pointer `/` and the parameter's name.
        """
        unknown = [name for name in self._given if name not in self._known]
        findings = [
            *self._findings,
            *(_finding(name, "unknown_parameter", "is not a known parameter") for name in unknown),
        ]
        if findings:
            raise ValidationFailedError(findings)

    def _refuse(self, name: str, code: str, message: str) -> None:
        self._findings.append(_finding(name, code, message))


def _finding(name: str, code: str, message: str) -> dict[str, str]:
    return {"pointer": pointer((name,)), "code": code, "message": message}
