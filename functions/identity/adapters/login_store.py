"""What a login reads and writes in DynamoDB: one read, and one write where all goes well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity.adapters.failure_counter import FailureCounter, failures_of
from identity.adapters.items import account_key, address_key
from identity.domain.login_throttle import Failures
from identity.domain.users import Credential
from kernel import dynamodb
from kernel.dynamodb import ConditionFailedError, marshal, translated, unmarshal
from kernel.errors import TemporarilyUnavailableError


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """What is known when somebody tries to log in; `None` where there is none."""

    credential: Credential | None
    account_failures: Failures | None
    address_failures: Failures | None


class LoginStore:
    """Credentials, and the failed logins of accounts and addresses.

    Parameters
    ----------
    table_name
        The Identity table.
    """

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    @translated
    def read(self, email_digest: str, network: str, *, consistent: bool) -> LoginRecord:
        """Read all that a login depends on in one call.

        Two items, so 1 read unit, or 2 if `consistent`. Reading without is enough: an account
        that such a read misses is found by the write that would count the failure
        (`AccountAppearedError`), and an attempt that would be delayed is claimed by a conditional
        write.

        Raises
        ------
        TemporarilyUnavailableError
            If DynamoDB does not answer, or not for both.
        """
        keys = [account_key(email_digest), address_key(network)]
        answer = dynamodb.client().batch_get_item(
            RequestItems={self._table_name: {"Keys": keys, "ConsistentRead": consistent}}
        )
        if answer.get("UnprocessedKeys"):
            raise TemporarilyUnavailableError("The service is busy. Try again.")
        items = [unmarshal(item) for item in answer["Responses"].get(self._table_name, [])]
        account = next((item for item in items if item["sk"] == "ACCOUNT"), None)
        address = next((item for item in items if item["sk"] == "FAILURES"), None)
        return LoginRecord(_credential(account), failures_of(account), failures_of(address))

    def account_counter(self, email_digest: str, *, of_user: bool) -> FailureCounter:
        """Return the counter of an account's failures, or of an address that has none."""
        return FailureCounter(self._table_name, account_key(email_digest), of_user=of_user)

    def address_counter(self, network: str) -> FailureCounter:
        """Return the counter of a client address' failures."""
        return FailureCounter(self._table_name, address_key(network), of_user=False)

    def forget_failures(self, email_digest: str, user_id: str) -> None:
        """Let an account start anew after its right password was given."""
        self._update_account(
            email_digest,
            update="REMOVE failures, last_failure_at, window_ends_at",
            condition="user_id = :user_id",
            values={":user_id": user_id},
        )

    def replace_hash(self, email_digest: str, old_hash: str, new_hash: str) -> None:
        """Replace an outdated hash of a password, unless it was replaced meanwhile."""
        self._update_account(
            email_digest,
            update="SET password_hash = :new_hash",
            condition="password_hash = :old_hash",
            values={":old_hash": old_hash, ":new_hash": new_hash},
        )

    def _update_account(
        self, email_digest: str, *, update: str, condition: str, values: Mapping[str, str]
    ) -> None:
        try:
            self._update(email_digest, update, condition, values)
        except ConditionFailedError:
            return  # somebody else did it

    @translated
    def _update(
        self, email_digest: str, update: str, condition: str, values: Mapping[str, str]
    ) -> None:
        dynamodb.client().update_item(
            TableName=self._table_name,
            Key=account_key(email_digest),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=marshal(values),
        )


def _credential(item: dict[str, Any] | None) -> Credential | None:
    if item is None or "user_id" not in item:
        return None
    return Credential(item["user_id"], item["password_hash"])
