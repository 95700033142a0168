"""Finding a user. The address that is looked for is neither logged nor recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from identity.adapters.user_store import UserStore
from identity.documents import user_document
from identity.domain.email_address import login_digest
from kernel.errors import OperationRefusedError
from kernel.ids import is_id
from kernel.operators.operations import Call, Look, Seen
from kernel.validation import RequestModel


class EmailQuery(RequestModel):
    """An address, as a person types it."""

    email: Annotated[str, Field(min_length=3, max_length=320)]


class UserQuery(RequestModel):
    """A user's id."""

    user_id: Annotated[str, Field(max_length=80)]


class UserNotFoundError(OperationRefusedError):
    """There is no such user."""

    code = "user_not_found"


class UserLookup:
    """Looks users up.

    Parameters
    ----------
    users
        Where they are.
    """

    def __init__(self, users: UserStore) -> None:
        self._users = users

    def operations(self) -> Mapping[str, Look]:
        """Name them."""
        return {"find_user": Look(self.by_email), "show_user": Look(self.by_id)}

    def by_email(self, call: Call) -> Seen:
        """Find a user by address, whatever its case.

        Raises
        ------
        UserNotFoundError
            If the address has no account.
        """
        user_id = self._users.id_of(login_digest(call.read(EmailQuery).email))
        return self._shown(user_id or "")

    def by_id(self, call: Call) -> Seen:
        """Show a user.

        Raises
        ------
        UserNotFoundError
            If there is none.
        """
        return self._shown(call.read(UserQuery).user_id)

    def _shown(self, user_id: str) -> Seen:
        user = self._users.find(user_id) if is_id("usr", user_id) else None
        if user is None:
            raise UserNotFoundError("There is no such user.")
        return Seen(user.id, {**user_document(user)})
