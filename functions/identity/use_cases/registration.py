"""Registering."""

from __future__ import annotations

from datetime import datetime

from identity.adapters import common_passwords, password_hashes
from identity.adapters.user_store import UserStore
from identity.domain import password_policy
from identity.domain.email_address import EmailAddress, InvalidEmailError, parse
from identity.domain.users import NewAccount, User
from kernel.errors import ValidationFailedError
from kernel.ids import new_id


class Registration:
    """Makes accounts.

    Parameters
    ----------
    users
        Where they are stored.
    """

    def __init__(self, users: UserStore) -> None:
        self._users = users

    def register(self, *, email: str, password: str, now: datetime) -> User:
        """Make an account.

        Raises
        ------
        ValidationFailedError
            With every finding on e-mail address and password at once.
        EmailTakenError
            If the address has an account, in whatever spelling.
        TemporarilyUnavailableError
            If it could not be stored.
        """
        address = _checked(email, password)
        user = User(new_id("usr"), address.given, now)
        self._users.add(NewAccount(user, address, password_hashes.hashed(password)))
        return user


def _checked(email: str, password: str) -> EmailAddress:
    errors: list[dict[str, str]] = []
    address = None
    try:
        address = parse(email)
    except InvalidEmailError as error:
        errors.append({"pointer": "/email", "code": "email_invalid", "message": str(error)})
    errors.extend(
        {"pointer": "/password", "code": finding.code, "message": finding.message}
        for finding in password_policy.findings(password, address, common_passwords.is_common)
    )
    if address is None or errors:
        raise ValidationFailedError(errors)
    return address
