"""Which passwords are taken: long ones, with no rules of composition (NIST SP 800-63B-4, 3.1.1.2).

Lengths are counted in characters (code points) after NFKC, the form that is hashed too, so that a
password typed on another keyboard or system is still the same password.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

from identity.domain.email_address import EmailAddress, folded

MIN_LENGTH: Final = 15
MAX_LENGTH: Final = 128
MIN_LOCAL_PART_LENGTH: Final = 4
# Composing makes one character of four at most (UAX #15, section 13), so what is longer than this
# is too long in its normal form, too. It is cut before it is normalised: sorting combining
# characters takes time that grows with the square of their number, and anybody can send them.
MAX_TYPED_LENGTH: Final = 8 * MAX_LENGTH

IsCommon = Callable[[str], bool]


class Finding(NamedTuple):
    """Why a password is refused: a stable code, and a sentence for a person."""

    code: str
    message: str


def normalised(password: str) -> str:
    """Return the form of a password that is measured and hashed (NFKC), cut if it is too long."""
    return unicodedata.normalize("NFKC", password[: MAX_TYPED_LENGTH + 1])


def findings(password: str, email: EmailAddress | None, is_common: IsCommon) -> list[Finding]:
    """List why a password is refused; an empty list means that it is taken.

    Parameters
    ----------
    password
        As typed.
    email
        The account's address; `None` where that is itself invalid.
    is_common
        Tells whether a folded password is on the list of common ones.
    """
    text = normalised(password)
    if len(text) < MIN_LENGTH:
        return [Finding("password_too_short", f"must have at least {MIN_LENGTH} characters")]
    if len(text) > MAX_LENGTH:
        return [Finding("password_too_long", f"must have at most {MAX_LENGTH} characters")]
    comparable = folded(text)
    if is_common(comparable):
        return [Finding("password_too_common", "is on the list of common passwords")]
    if email is not None and _contains_local_part(comparable, email):
        return [Finding("password_contains_email", "must not contain the e-mail's local part")]
    return []


def _contains_local_part(comparable: str, email: EmailAddress) -> bool:
    local_part = email.local_part
    return len(local_part) >= MIN_LOCAL_PART_LENGTH and local_part in comparable
