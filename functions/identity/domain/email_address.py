"""E-mail addresses: what one is, and when two of them are the same."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Final

from email_validator import EmailNotValidError, validate_email

# An address has 254 octets at most (RFC 5321), and composing makes one character of four at most
# (UAX #15, section 13). What is longer is not normalised: sorting combining characters takes time
# that grows with the square of their number, and anybody can send them.
MAX_TYPED_LENGTH: Final = 1024


class InvalidEmailError(ValueError):
    """The text is no e-mail address (RFC 5321, RFC 6531)."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A valid address.

    `given` is the spelling to show, trimmed; `canonical` is the one to compare.
    """

    given: str
    canonical: str

    @property
    def local_part(self) -> str:
        """The canonical text before the `@`."""
        return self.canonical.rpartition("@")[0]

    @property
    def digest(self) -> str:
        """The key under which the account of this address is stored."""
        return _digest(self.canonical)


def parse(text: str) -> EmailAddress:
    """Read an address.

    Syntax only: whether the domain takes mail is not asked, because registering must not depend
    on a name server. Compatibility forms (full-width letters, ligatures) count as the characters
    they stand for (NFKC), so that one address cannot be registered twice in two disguises.

    Raises
    ------
    InvalidEmailError
        If it is none; the message is fit for the person who typed it.
    """
    given = text.strip()
    if len(given) > MAX_TYPED_LENGTH:
        raise InvalidEmailError("The email address is too long.")
    try:
        valid = validate_email(
            unicodedata.normalize("NFKC", given), check_deliverability=False, strict=True
        )
    except EmailNotValidError as error:
        raise InvalidEmailError(str(error)) from None
    return EmailAddress(given, folded(valid.normalized))


def login_digest(text: str) -> str:
    """Return the key to look an account up by, whatever was typed.

    A text that is no address has a key too, one that no account has: logging in with it costs
    what logging in with an unknown address costs, and is throttled alike.
    """
    try:
        return parse(text).digest
    except InvalidEmailError:
        typed = text.strip()
        return _digest(folded(typed) if len(typed) <= MAX_TYPED_LENGTH else typed)


def folded(text: str) -> str:
    """Remove the differences of case and of compatibility forms; folding twice changes nothing."""
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", text)


def _digest(canonical: str) -> str:
    return hashlib.sha256(canonical.encode()).hexdigest()
