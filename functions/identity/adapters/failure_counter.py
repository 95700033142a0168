"""Counters of failed logins in DynamoDB: atomic, one write each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from identity.adapters.items import Key, expiry
from identity.domain.login_throttle import WINDOW, Failures
from kernel import dynamodb
from kernel.clock import parse_rfc3339, rfc3339
from kernel.dynamodb import ConditionFailedError, Item, marshal, translated, unmarshal
from kernel.errors import TemporarilyUnavailableError


class AccountAppearedError(Exception):
    """An address thought to have no account has one: what was read before was stale."""


class FailuresChangedError(Exception):
    """Another attempt was counted in between."""


def failures_of(item: Item | None) -> Failures | None:
    """Read an item's failures, if it has any."""
    return _failures(item) if item is not None and "failures" in item else None


class FailureCounter:
    """Counts the failures of one item.

    Parameters
    ----------
    table_name
        The Identity table.
    key
        The item's key.
    of_user
        Whether the item is a user's account, which stays; any other one expires by itself.
    """

    def __init__(self, table_name: str, key: Key, *, of_user: bool) -> None:
        self._table_name = table_name
        self._key = key
        self._of_user = of_user

    def count(self, seen: Failures | None, now: datetime) -> Failures:
        """Count one failure and return the failures after it.

        Parameters
        ----------
        seen
            The failures read before; they only decide which write is tried first.
        now
            When it failed.

        Raises
        ------
        AccountAppearedError
            If the item is a user's account, and was not thought to be.
        TemporarilyUnavailableError
            If DynamoDB does not count it.
        """
        starts_window = seen is None or seen.are_over(now)
        for starts in (starts_window, not starts_window):
            try:
                return self._start(now) if starts else self._continue(now)
            except ConditionFailedError as error:
                self._raise_if_account_appeared(error)
        raise TemporarilyUnavailableError("The service is busy. Try again.")

    def claim(self, seen: Failures, now: datetime) -> Failures:
        """Count a failure in advance, and only if it would be the next one after those seen.

        Raises
        ------
        FailuresChangedError
            If another attempt was counted in between.
        AccountAppearedError
            If the item is a user's account, and was not thought to be.
        """
        unchanged = " AND failures = :seen AND last_failure_at = :seen_last"
        values = {":seen": seen.count, ":seen_last": rfc3339(seen.last_at)}
        try:
            return self._continue(now, unchanged, values)
        except ConditionFailedError as error:
            self._raise_if_account_appeared(error)
            raise FailuresChangedError from None

    def _start(self, now: datetime) -> Failures:
        window_ends_at = now + WINDOW
        update = "SET failures = :one, last_failure_at = :now, window_ends_at = :end"
        values = {":one": 1, ":now": rfc3339(now), ":end": rfc3339(window_ends_at)}
        if not self._of_user:
            update += ", #ttl = :ttl"
            values[":ttl"] = expiry(window_ends_at)
        condition = "(attribute_not_exists(window_ends_at) OR window_ends_at <= :now)"
        return self._update(update, condition, values)

    def _continue(
        self, now: datetime, further: str = "", values: dict[str, Any] | None = None
    ) -> Failures:
        update = "SET last_failure_at = :now ADD failures :one"
        condition = f"window_ends_at > :now{further}"
        return self._update(update, condition, {":one": 1, ":now": rfc3339(now), **(values or {})})

    @translated
    def _update(self, update: str, condition: str, values: dict[str, Any]) -> Failures:
        owner = "attribute_exists(user_id)" if self._of_user else "attribute_not_exists(user_id)"
        # DynamoDB refuses names that an expression does not use.
        names: dict[str, Any] = (
            {"ExpressionAttributeNames": {"#ttl": "ttl"}} if "#ttl" in update else {}
        )
        answer = dynamodb.client().update_item(
            TableName=self._table_name,
            Key=self._key,
            UpdateExpression=update,
            ConditionExpression=f"{owner} AND {condition}",
            ExpressionAttributeValues=marshal(values),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **names,
        )
        return _failures(unmarshal(answer["Attributes"]))

    def _raise_if_account_appeared(self, error: ConditionFailedError) -> None:
        if not self._of_user and error.item is not None and "user_id" in error.item:
            raise AccountAppearedError from None


def _failures(item: Item) -> Failures:
    return Failures(
        item["failures"],
        parse_rfc3339(item["last_failure_at"]),
        parse_rfc3339(item["window_ends_at"]),
    )
