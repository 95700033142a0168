"""Sessions in DynamoDB: every step is one conditional write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from identity.adapters.items import expiry, session_key
from identity.domain.refresh_tokens import RefreshToken
from identity.domain.sessions import Rotation, Session
from kernel import dynamodb
from kernel.clock import parse_rfc3339, rfc3339
from kernel.dynamodb import ConditionFailedError, Item, marshal, translated, unmarshal


class RotationRefusedError(Exception):
    """The token is not its family's valid one.

    Parameters
    ----------
    session
        The family as it is; `None` if there is none.
    """

    def __init__(self, session: Session | None) -> None:
        super().__init__("rotation refused")
        self.session = session


class SessionStore:
    """The families of refresh tokens.

    Parameters
    ----------
    table_name
        The Identity table.
    """

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    @translated
    def add(self, session: Session) -> None:
        """Store a new session: 1 write unit."""
        attributes = {
            "user_id": session.user_id,
            "token_digest": session.token_digest,
            "expires_at": rfc3339(session.expires_at),
            "ttl": expiry(session.expires_at),
        }
        dynamodb.client().put_item(
            TableName=self._table_name,
            Item={**session_key(session.family_id), **marshal(attributes)},
        )

    def rotate(
        self, spent: RefreshToken, successor: RefreshToken, *, now: datetime, expires_at: datetime
    ) -> Session:
        """Spend a token for its successor if it is the valid one: one call, 1 write unit.

        Of several callers with one token exactly one succeeds. A call that the client repeats after
        it was applied is refused like any repeat, and then gets the same successor.

        Returns
        -------
        Session
            The session as it is now.

        Raises
        ------
        RotationRefusedError
            If it is not the valid one.
        """
        try:
            return self._rotate(spent, successor, now, expires_at)
        except ConditionFailedError as error:
            raise RotationRefusedError(
                _session(spent.family_id, error.item) if error.item else None
            ) from None

    def revoke(self, family_id: str, now: datetime, user_id: str | None = None) -> bool:
        """End a session; tell whether this did it.

        Parameters
        ----------
        family_id
            Which one.
        now
            When.
        user_id
            End it only if it is this user's.
        """
        try:
            self._revoke(family_id, now, user_id)
        except ConditionFailedError:
            return False
        return True

    @translated
    def _rotate(
        self, spent: RefreshToken, successor: RefreshToken, now: datetime, expires_at: datetime
    ) -> Session:
        values = {
            ":spent": spent.digest,
            ":successor": successor.digest,
            ":sealed": spent.seal(successor),
            ":now": rfc3339(now),
            ":expires_at": rfc3339(expires_at),
            ":ttl": expiry(expires_at),
        }
        answer = dynamodb.client().update_item(
            TableName=self._table_name,
            Key=session_key(spent.family_id),
            UpdateExpression="SET token_digest = :successor, spent_digest = :spent, "
            "spent_at = :now, sealed_successor = :sealed, expires_at = :expires_at, #ttl = :ttl",
            ConditionExpression="token_digest = :spent AND expires_at > :now "
            "AND attribute_not_exists(revoked_at)",
            ExpressionAttributeNames={"#ttl": "ttl"},
            ExpressionAttributeValues=marshal(values),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return _session(spent.family_id, unmarshal(answer["Attributes"]))

    @translated
    def _revoke(self, family_id: str, now: datetime, user_id: str | None) -> None:
        condition = "attribute_exists(user_id) AND attribute_not_exists(revoked_at)"
        values: dict[str, Any] = {":now": rfc3339(now)}
        if user_id is not None:
            condition += " AND user_id = :user_id"
            values[":user_id"] = user_id
        dynamodb.client().update_item(
            TableName=self._table_name,
            Key=session_key(family_id),
            UpdateExpression="SET revoked_at = :now",
            ConditionExpression=condition,
            ExpressionAttributeValues=marshal(values),
        )


def _session(family_id: str, item: Item) -> Session:
    rotation = None
    if "spent_digest" in item:
        rotation = Rotation(
            item["spent_digest"], parse_rfc3339(item["spent_at"]), item["sealed_successor"]
        )
    revoked_at = item.get("revoked_at")
    return Session(
        family_id,
        item["user_id"],
        item["token_digest"],
        parse_rfc3339(item["expires_at"]),
        rotation,
        parse_rfc3339(revoked_at) if revoked_at else None,
    )
