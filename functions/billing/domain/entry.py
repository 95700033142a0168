"""A ledger entry, and the hash chain that links it to the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from billing.domain.account import Account, Grant, Hold, Movement
from kernel.clock import rfc3339, rfc3339_or_none
from kernel.ids import derived_id


class EntryType(StrEnum):
    """What happened to an account."""

    PURCHASE = "purchase"
    BONUS = "bonus"
    PROMO = "promo"
    SPEND = "spend"
    SPEND_REFUND = "spend_refund"
    EXPIRE = "expire"
    RESERVE = "reserve"
    CAPTURE = "capture"
    RELEASE = "release"
    CLAWBACK = "clawback"
    DEBT_REPAID = "debt_repaid"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an entry exists: the record that it belongs to and the request that set it off.

    `reason` is an operator's sentence; only adjustments have one.
    """

    kind: str
    id: str
    correlation_id: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of an account, with the account as it is afterwards.

    `amount` is what the balance changed by; `prev_hash` is the hash of the entry before and
    `after.hash` this entry's own.
    """

    type: EntryType
    amount: int
    movements: tuple[Movement, ...]
    cause: Cause
    created_at: datetime
    prev_hash: str
    after: Account

    @property
    def entry_no(self) -> int:
        """The number of the entry, gapless from 1 per account."""
        return self.after.entry_no

    @property
    def id(self) -> str:
        """The entry's public id, which belongs to its account and number."""
        return derived_id("led", self.after.user_id, str(self.entry_no))


def seal(entry: Entry) -> Entry:
    """Put the entry's own hash onto the account after it."""
    return replace(entry, after=replace(entry.after, hash=entry_hash(entry)))


def entry_hash(entry: Entry) -> str:
    """Hash an entry: SHA-256, in hex, over its canonical form, the hash before included."""
    return hashlib.sha256(canonical(entry)).hexdigest()


def canonical(entry: Entry) -> bytes:
    """Render everything that an entry says, its own hash excepted, in exactly one way."""
    after = entry.after
    content = {
        "user_id": after.user_id,
        "entry_no": after.entry_no,
        "type": entry.type,
        "amount": entry.amount,
        "movements": [_movement(movement) for movement in entry.movements],
        "balance_after": after.balance,
        "held_after": after.held,
        "debt_after": after.debt,
        "grants_after": [_grant(grant) for grant in after.grants],
        "holds_after": [_hold(hold) for hold in after.holds],
        "cause": [
            entry.cause.kind,
            entry.cause.id,
            entry.cause.correlation_id,
            entry.cause.reason,
        ],
        "created_at": rfc3339(entry.created_at),
        "prev_hash": entry.prev_hash,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _movement(movement: Movement) -> list[object]:
    return [movement.grant_no, movement.kind, rfc3339_or_none(movement.expires_at), movement.amount]


def _grant(grant: Grant) -> list[object]:
    return [grant.entry_no, grant.kind, grant.remaining, rfc3339_or_none(grant.expires_at)]


def _hold(hold: Hold) -> list[object]:
    return [hold.id, [_movement(part) for part in hold.parts]]
