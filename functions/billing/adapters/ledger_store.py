"""The ledger in DynamoDB: append-only, one transaction per change.

Entry n+1 is put under `attribute_not_exists(pk)` together with whatever caused it. Of two writers
who both want entry n+1 exactly one gets it; the other decides again on the account as it is then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from billing.adapters.ledger_items import from_item, partition_key, sort_key, to_item
from billing.domain.account import Account
from billing.domain.entry import Entry
from kernel import dynamodb
from kernel.backoff import Draw, from_system, full_jitter
from kernel.dynamodb import Cancellation, Item, Reason, TransactionCancelledError
from kernel.dynamodb_reads import get_items
from kernel.errors import DomainError, TemporarilyUnavailableError

TransactItem = dict[str, Any]
Decide = Callable[[Account], Sequence[Entry]]
Companions = Callable[[Sequence[Entry]], Sequence[TransactItem]]

MAX_ATTEMPTS: Final = 16
_BEYOND_LAST: Final = "~"
_BASE_SECONDS: Final = 0.02
_CAP_SECONDS: Final = 0.4


class AccountBusyError(DomainError):
    """Too many writers want this account at once; nothing was changed."""

    code = "account_busy"

    def __init__(self) -> None:
        super().__init__("The account is busy. Try again.", retry_after=1)


class CompanionRefusedError(Exception):
    """The condition of an item that came with the entries does not hold; nothing was changed.

    Parameters
    ----------
    item
        The item that stands in the way of the first one refused, where its write asked for it.
    positions
        Which companions were refused, counted from 0.
    """

    def __init__(self, item: Item | None, positions: Sequence[int] = (0,)) -> None:
        super().__init__("a companion's condition failed")
        self.item = item
        self.positions = tuple(positions)


class LedgerStore:
    """Reads and appends ledger entries.

    Parameters
    ----------
    table_name
        Billing's table.
    sleep
        Waits between attempts, in seconds.
    jitter
        Draws from 0 to 1 for the backoff with full jitter.
    """

    def __init__(
        self,
        table_name: str,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Draw = from_system,
    ) -> None:
        self._table_name = table_name
        self._sleep = sleep
        self._jitter = jitter

    @dynamodb.translated
    def account(self, user_id: str) -> Account:
        """Read the account as of its last entry: one consistent read."""
        response = dynamodb.client().query(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": partition_key(user_id)}},
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=1,
        )
        items = response["Items"]
        return from_item(dynamodb.unmarshal(items[0])).after if items else Account(user_id)

    def entry(self, user_id: str, entry_no: int) -> Entry | None:
        """Read one entry."""
        return self.entries_by_number(user_id, [entry_no]).get(entry_no)

    def entries_by_number(self, user_id: str, numbers: Sequence[int]) -> dict[int, Entry]:
        """Read entries by their numbers; numbers without one are left out."""
        pk = partition_key(user_id)
        keys = [dynamodb.marshal({"pk": pk, "sk": sort_key(number)}) for number in numbers]
        entries = map(from_item, get_items(self._table_name, keys, self._sleep))
        return {entry.entry_no: entry for entry in entries}

    @dynamodb.translated
    def entries(self, user_id: str, *, before: int | None, limit: int) -> list[Entry]:
        """Read entries, newest first.

        Parameters
        ----------
        user_id
            Whose ledger.
        before
            Start below this entry number; None starts at the newest.
        limit
            How many at the most.
        """
        found: list[Entry] = []
        ceiling = sort_key(before - 1) if before is not None else _BEYOND_LAST
        for _ in range(limit):
            page = self._page(user_id, ceiling, limit - len(found))
            found += [from_item(dynamodb.unmarshal(item)) for item in page["Items"]]
            # A page ends after 1 MB, too, which entries with many open grants come to.
            if len(found) == limit or "LastEvaluatedKey" not in page:
                break
            ceiling = sort_key(found[-1].entry_no - 1)
        return found

    def _page(self, user_id: str, ceiling: str, limit: int) -> dict[str, Any]:
        return dynamodb.client().query(
            TableName=self._table_name,
            KeyConditionExpression="pk = :pk AND sk <= :ceiling",
            ExpressionAttributeValues=dynamodb.marshal(
                {":pk": partition_key(user_id), ":ceiling": ceiling}
            ),
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=limit,
        )

    def commit(
        self,
        user_id: str,
        decide: Decide,
        companions: Companions,
        account: Account | None = None,
        attempts: int = MAX_ATTEMPTS,
    ) -> Sequence[Entry]:
        """Append what a decision makes of an account, together with its companions.

        Parameters
        ----------
        user_id
            Whose account.
        decide
            Makes the entries; called again with the account as it is by then when another
            writer was faster. May raise a domain error, which passes through.
        companions
            Makes the other items of the same transaction. Their conditions must let them
            through once only: that is what makes the change happen exactly once.
        account
            The account as it was read a moment ago; read here when absent.
        attempts
            After how many it is given up.

        Returns
        -------
        Sequence[Entry]
            The entries, stored. None where the decision makes none; without companions either,
            nothing is written.

        Raises
        ------
        CompanionRefusedError
            If a companion's condition does not hold.
        AccountBusyError
            If other writers were faster at every attempt.
        TemporarilyUnavailableError
            If DynamoDB cannot be reached.
        """
        for attempt in range(attempts):
            if account is None:
                account = self.account(user_id)
            entries = decide(account)
            items = [*(self._put(entry) for entry in entries), *companions(entries)]
            if not items:
                return entries
            try:
                _transact(items)
            except TransactionCancelledError as cancelled:
                in_the_way = _account_in_the_way(cancelled.cancellations, len(entries))
                # Where many write, the entry in the way is not the last one for long: what it
                # says is worth one more attempt, and then only a fresh read catches up.
                account = None if attempt else in_the_way
                self._back_off(attempt)
            else:
                return entries
        raise AccountBusyError

    def _put(self, entry: Entry) -> TransactItem:
        return {
            "Put": {
                "TableName": self._table_name,
                "Item": dynamodb.marshal(to_item(entry)),
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }

    def _back_off(self, attempt: int) -> None:
        self._sleep(
            full_jitter(
                attempt, base_seconds=_BASE_SECONDS, cap_seconds=_CAP_SECONDS, draw=self._jitter
            )
        )


@dynamodb.translated
def _transact(items: Sequence[TransactItem]) -> None:
    dynamodb.client().transact_write_items(TransactItems=cast("Any", items))


def _account_in_the_way(cancellations: Sequence[Cancellation], entry_count: int) -> Account | None:
    """Judge a cancelled transaction by every reason of every item.

    Returns
    -------
    Account | None
        The account after the entry that another writer put first, as far as DynamoDB returned
        it; None asks for a fresh read.

    Raises
    ------
    CompanionRefusedError
        If a companion's condition failed; that decides, whatever else went wrong.
    """
    companions = cancellations[entry_count:]
    refused = [no for no, one in enumerate(companions) if one.reason is Reason.CONDITION]
    if refused:
        raise CompanionRefusedError(companions[refused[0]].item, refused)
    if any(cancellation.reason is Reason.INVALID for cancellation in cancellations):
        raise TemporarilyUnavailableError("The change could not be stored.")
    taken = [c for c in cancellations[:entry_count] if c.reason is Reason.CONDITION and c.item]
    return from_item(taken[-1].item).after if taken and taken[-1].item else None
