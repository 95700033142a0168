"""What a number of credits may be."""

from __future__ import annotations

from typing import Final

MAX_CREDITS: Final = 10**12


class InvalidCreditsError(ValueError):
    """A number of credits is not an integer from 1 to 10^12."""


def checked_credits(value: object) -> int:
    """Let only a number of credits through: an `int` from 1 to 10^12, no `bool`, no `float`.

    Raises
    ------
    InvalidCreditsError
        If the value is anything else.
    """
    if type(value) is not int or not 1 <= value <= MAX_CREDITS:
        raise InvalidCreditsError(f"{value!r} is not an integer from 1 to {MAX_CREDITS}")
    return value
