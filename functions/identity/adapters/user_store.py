"""Users in DynamoDB."""

from __future__ import annotations

import time
from typing import Any, Final

from identity.adapters.items import account_key, profile_key
from identity.domain.users import EmailTakenError, NewAccount, User
from kernel import dynamodb
from kernel.backoff import full_jitter
from kernel.clock import parse_rfc3339, rfc3339
from kernel.dynamodb import Reason, TransactionCancelledError, marshal, translated, unmarshal
from kernel.dynamodb_reads import get_item
from kernel.errors import TemporarilyUnavailableError

_ATTEMPTS: Final = 5
_BASE_SECONDS: Final = 0.02
_CAP_SECONDS: Final = 0.2


class UserStore:
    """Users and their credentials.

    Parameters
    ----------
    table_name
        The Identity table.
    """

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def add(self, account: NewAccount) -> None:
        """Store a new account: one transaction of two small items, 4 write units.

        Raises
        ------
        EmailTakenError
            If its address has an account.
        TemporarilyUnavailableError
            If DynamoDB does not take it, or others keep registering the same address.
        """
        for attempt in range(_ATTEMPTS):
            try:
                return self._put(account)
            except TransactionCancelledError as error:
                _raise_unless_conflict(error)
            time.sleep(full_jitter(attempt, base_seconds=_BASE_SECONDS, cap_seconds=_CAP_SECONDS))
        raise TemporarilyUnavailableError("The service is busy. Try again.")

    def find(self, user_id: str) -> User | None:
        """Return a user, if there is one with this id."""
        item = get_item(self._table_name, profile_key(user_id))
        if item is None:
            return None
        return User(item["user_id"], item["email"], parse_rfc3339(item["created_at"]))

    @translated
    def id_of(self, email_digest: str) -> str | None:
        """Return whose account an address is; the credential beside it is not read."""
        answer = dynamodb.client().get_item(
            TableName=self._table_name,
            Key=account_key(email_digest),
            ProjectionExpression="user_id",
            ConsistentRead=True,
        )
        return unmarshal(answer["Item"]).get("user_id") if "Item" in answer else None

    @translated
    def _put(self, account: NewAccount) -> None:
        dynamodb.client().transact_write_items(
            TransactItems=[
                # An address without an account may have failed logins under this key; they go.
                self._new(account_key(account.address.digest), _credential(account)),
                self._new(profile_key(account.user.id), _profile(account.user)),
            ]
        )

    def _new(self, key: dict[str, Any], attributes: dict[str, Any]) -> Any:  # noqa: ANN401  # TypedDict
        return {
            "Put": {
                "TableName": self._table_name,
                "Item": {**key, **marshal(attributes)},
                "ConditionExpression": "attribute_not_exists(user_id)",
            }
        }


def _credential(account: NewAccount) -> dict[str, Any]:
    return {"user_id": account.user.id, "password_hash": account.password_hash}


def _profile(user: User) -> dict[str, Any]:
    return {"user_id": user.id, "email": user.email, "created_at": rfc3339(user.created_at)}


def _raise_unless_conflict(error: TransactionCancelledError) -> None:
    reasons = {cancellation.reason for cancellation in error.cancellations}
    if Reason.CONDITION in reasons:
        raise EmailTakenError from None
    if not reasons & {Reason.CONFLICT, Reason.THROTTLED}:
        raise error
