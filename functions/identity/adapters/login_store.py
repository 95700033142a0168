"""What a login reads and writes in DynamoDB: one read, and one write where all goes well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from identity.adapters.failure_counter import FailureCounter, failures_of
from identity.adapters.items import account_key, address_key
from identity.domain.known_networks import KnownNetwork
from identity.domain.login_throttle import Failures
from identity.domain.users import Credential
from kernel import dynamodb
from kernel.clock import parse_rfc3339, rfc3339
from kernel.dynamodb import ConditionFailedError, marshal, translated, unmarshal
from kernel.errors import TemporarilyUnavailableError

_NETWORK: Final = "network_"
_FAILURES: Final = ["failures", "last_failure_at", "window_ends_at"]


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """What is known when somebody tries to log in; `None` where there is none.

    The account's failures are those from networks that are not among its known ones.
    """

    credential: Credential | None
    account_failures: Failures | None
    address_failures: Failures | None
    known_networks: Sequence[KnownNetwork] = ()


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
        (`OutdatedReadError`), and an attempt that would be delayed is claimed by a conditional
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
        return LoginRecord(
            _credential(account),
            failures_of(account),
            failures_of(address),
            _known_networks(account or {}),
        )

    def account_counter(
        self, email_digest: str, *, of_user: bool, known_network: str | None = None
    ) -> FailureCounter:
        """Return the counter of an account's failures, or of an address that has none.

        Parameters
        ----------
        email_digest
            The account's, or the address'.
        of_user
            Whether it is an account.
        known_network
            The digest of the account's network that they came from, if it is a known one.
        """
        map_name = _NETWORK + known_network if known_network else None
        key = account_key(email_digest)
        return FailureCounter(self._table_name, key, of_user=of_user, map_name=map_name)

    def address_counter(self, network: str) -> FailureCounter:
        """Return the counter of a client address' failures."""
        return FailureCounter(self._table_name, address_key(network), of_user=False)

    def note_success(
        self,
        email_digest: str,
        known_network: str,
        now: datetime,
        *,
        forgotten_networks: Sequence[str],
        forgets_strangers: bool,
    ) -> None:
        """Let a network start anew after the right password came from there, and be known.

        Parameters
        ----------
        email_digest
            The account's.
        known_network
            The network's digest.
        now
            When that was.
        forgotten_networks
            Digests of networks that are known no more.
        forgets_strangers
            Whether the failures from unknown networks start anew, too.
        """
        names = {"#known": _NETWORK + known_network}
        names |= {f"#old{n}": _NETWORK + digest for n, digest in enumerate(forgotten_networks)}
        removed = [name for name in names if name != "#known"]
        removed += _FAILURES if forgets_strangers else []
        self._update_account(
            email_digest,
            update="SET #known = :known" + (f" REMOVE {', '.join(removed)}" if removed else ""),
            values={":known": {"logged_in_at": rfc3339(now)}},
            names=names,
        )

    def forget_failures(self, email_digest: str) -> None:
        """Let unknown networks start anew after the right password came from one of them."""
        self._update_account(email_digest, update=f"REMOVE {', '.join(_FAILURES)}")

    def replace_hash(self, email_digest: str, old_hash: str, new_hash: str) -> None:
        """Replace an outdated hash of a password, unless it was replaced meanwhile."""
        self._update_account(
            email_digest,
            update="SET password_hash = :new_hash",
            condition="password_hash = :old_hash",
            values={":old_hash": old_hash, ":new_hash": new_hash},
        )

    def _update_account(
        self,
        email_digest: str,
        *,
        update: str,
        condition: str = "attribute_exists(user_id)",
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        try:
            self._update(
                Key=account_key(email_digest),
                UpdateExpression=update,
                ConditionExpression=condition,
                **({"ExpressionAttributeValues": marshal(values)} if values else {}),
                **({"ExpressionAttributeNames": names} if names else {}),
            )
        except ConditionFailedError:
            return  # somebody else did it

    @translated
    def _update(self, **expressions: Any) -> None:  # noqa: ANN401  # TypedDict
        dynamodb.client().update_item(TableName=self._table_name, **expressions)


def _known_networks(account: Mapping[str, Any]) -> tuple[KnownNetwork, ...]:
    return tuple(
        KnownNetwork(
            name.removeprefix(_NETWORK), parse_rfc3339(value["logged_in_at"]), failures_of(value)
        )
        for name, value in account.items()
        if name.startswith(_NETWORK)
    )


def _credential(item: dict[str, Any] | None) -> Credential | None:
    if item is None or "user_id" not in item:
        return None
    return Credential(item["user_id"], item["password_hash"])
