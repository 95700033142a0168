"""Users: one per e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from identity.domain.email_address import EmailAddress
from kernel.errors import DomainError


class EmailTakenError(DomainError):
    """An account with this e-mail address exists, in whatever spelling."""

    code = "email_taken"

    def __init__(self) -> None:
        super().__init__("An account with this e-mail address exists.")


class InvalidCredentialsError(DomainError):
    """E-mail address and password do not belong together; which of them is wrong stays untold."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


@dataclass(frozen=True, slots=True)
class User:
    """A user as the API shows one; `email` is in the spelling that was given."""

    id: str
    email: str
    created_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class NewAccount:
    """What registering stores; `repr` leaves the password's hash out."""

    user: User
    address: EmailAddress
    password_hash: str


@dataclass(frozen=True, slots=True, repr=False)
class Credential:
    """What a password is checked against."""

    user_id: str
    password_hash: str
