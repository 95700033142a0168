"""Counters of failed logins in DynamoDB: atomic, one write each.

Failures are attributes of an item, or of a map in it: those of an account's known network.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from identity.adapters.items import Key, expiry
from identity.domain.login_throttle import WINDOW, Failures
from kernel import dynamodb
from kernel.clock import parse_rfc3339, rfc3339
from kernel.dynamodb import ConditionFailedError, Item, marshal, translated, unmarshal
from kernel.errors import TemporarilyUnavailableError


class OutdatedReadError(Exception):
    """An address has an account that a read missed, or a network is not known any more."""


class FailuresChangedError(Exception):
    """Another attempt was counted in between."""


def failures_of(item: Item | None) -> Failures | None:
    """Read the failures of an item, or of a map in one, if it has any."""
    return _failures(item) if item is not None and "failures" in item else None


class FailureCounter:
    """Counts the failures of one item, or of a map in it.

    Parameters
    ----------
    table_name
        The Identity table.
    key
        The item's key.
    of_user
        Whether the item is a user's account, which stays; any other one expires by itself.
    map_name
        The attribute that holds the failures; the item itself does if there is none.
    """

    def __init__(
        self, table_name: str, key: Key, *, of_user: bool, map_name: str | None = None
    ) -> None:
        self._table_name = table_name
        self._key = key
        self._of_user = of_user
        self._map_name = map_name
        self._at = "#map." if map_name else ""

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
        OutdatedReadError
            If the item is a user's account, and was not thought to be, or has no such map.
        TemporarilyUnavailableError
            If DynamoDB does not count it.
        """
        starts_window = seen is None or seen.are_over(now)
        for starts in (starts_window, not starts_window):
            try:
                return self._start(now) if starts else self._continue(now)
            except ConditionFailedError as error:
                self._raise_if_outdated(error)
        raise TemporarilyUnavailableError("The service is busy. Try again.")

    def claim(self, seen: Failures, now: datetime) -> Failures:
        """Count a failure in advance, and only if it would be the next one after those seen.

        Raises
        ------
        FailuresChangedError
            If another attempt was counted in between.
        OutdatedReadError
            As `count` does.
        """
        unchanged = f" AND {self._at}failures = :seen AND {self._at}last_failure_at = :seen_last"
        values = {":seen": seen.count, ":seen_last": rfc3339(seen.last_at)}
        try:
            return self._continue(now, unchanged, values)
        except ConditionFailedError as error:
            self._raise_if_outdated(error)
            raise FailuresChangedError from None

    def _start(self, now: datetime) -> Failures:
        window_ends_at = now + WINDOW
        at = self._at
        update = f"SET {at}failures = :one, {at}last_failure_at = :now, {at}window_ends_at = :end"
        values = {":one": 1, ":now": rfc3339(now), ":end": rfc3339(window_ends_at)}
        if not self._of_user:
            update += ", #ttl = :ttl"
            values[":ttl"] = expiry(window_ends_at)
        ended = f"{at}window_ends_at <= :now"
        return self._update(
            update, f"(attribute_not_exists({at}window_ends_at) OR {ended})", values
        )

    def _continue(
        self, now: datetime, further: str = "", values: dict[str, Any] | None = None
    ) -> Failures:
        at = self._at
        update = f"SET {at}last_failure_at = :now, {at}failures = {at}failures + :one"
        condition = f"{at}window_ends_at > :now{further}"
        return self._update(update, condition, {":one": 1, ":now": rfc3339(now), **(values or {})})

    @translated
    def _update(self, update: str, condition: str, values: dict[str, Any]) -> Failures:
        names = self._names(update)
        answer = dynamodb.client().update_item(
            TableName=self._table_name,
            Key=self._key,
            UpdateExpression=update,
            ConditionExpression=f"{self._is_there()} AND {condition}",
            ExpressionAttributeValues=marshal(values),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **({"ExpressionAttributeNames": names} if names else {}),
        )
        item = unmarshal(answer["Attributes"])
        return _failures(item[self._map_name] if self._map_name else item)

    def _is_there(self) -> str:
        if self._map_name:
            return "attribute_exists(user_id) AND attribute_exists(#map)"
        return "attribute_exists(user_id)" if self._of_user else "attribute_not_exists(user_id)"

    def _names(self, update: str) -> dict[str, str]:
        """Return those that the expressions use; DynamoDB refuses others."""
        names = {"#map": self._map_name} if self._map_name else {}
        return {**names, "#ttl": "ttl"} if "#ttl" in update else names

    def _raise_if_outdated(self, error: ConditionFailedError) -> None:
        if error.item is None:
            return
        appeared = not self._of_user and "user_id" in error.item
        forgotten = self._map_name is not None and self._map_name not in error.item
        if appeared or forgotten:
            raise OutdatedReadError from None


def _failures(item: Item) -> Failures:
    return Failures(
        item["failures"],
        parse_rfc3339(item["last_failure_at"]),
        parse_rfc3339(item["window_ends_at"]),
    )
