"""Ledger entries as DynamoDB items: small enough that an entry costs one write unit per KB.

Grants and movements are packed numbers, four each: the grant's number, its kind, when it expires in
epoch seconds or 0, and credits. Public ids of entries and grants are derived from user and number,
and so not stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from billing.adapters.packed_numbers import pack, unpack
from billing.domain.account import Account, Grant, GrantKind, Hold, Movement
from billing.domain.entry import Cause, Entry, EntryType
from kernel.clock import parse_rfc3339, rfc3339
from kernel.dynamodb import Item

_KINDS: Final = (GrantKind.PAID, GrantKind.BONUS, GrantKind.PROMO, GrantKind.REFUND)
_NEVER: Final = 0
_NO_DIGITS: Final = 12
PREFIX: Final = "LEDGER#"


def partition_key(user_id: str) -> str:
    """Return the partition key of a user's ledger."""
    return f"{PREFIX}{user_id}"


def sort_key(entry_no: int) -> str:
    """Return the sort key of an entry; keys sort as the numbers do."""
    return f"{entry_no:0{_NO_DIGITS}}"


def to_item(entry: Entry) -> Item:
    """Render an entry as an item of plain values."""
    after = entry.after
    item: Item = {
        "pk": partition_key(after.user_id),
        "sk": sort_key(after.entry_no),
        "type": entry.type.value,
        "amount": entry.amount,
        "balance": after.balance,
        "held": after.held,
        "debt": after.debt,
        "moved": _packed_movements(entry.movements),
        "grants": _packed_grants(after.grants),
        "ref_kind": entry.cause.kind,
        "ref_id": entry.cause.id,
        "cid": entry.cause.correlation_id,
        "at": rfc3339(entry.created_at),
        "prev": bytes.fromhex(entry.prev_hash),
        "hash": bytes.fromhex(after.hash),
    }
    if after.holds:
        item["holds"] = [[hold.id, _packed_movements(hold.parts)] for hold in after.holds]
    if entry.cause.reason is not None:
        item["reason"] = entry.cause.reason
    return item


def from_item(item: Item) -> Entry:
    """Read an entry from an item of plain values."""
    after = Account(
        user_id=item["pk"].removeprefix(PREFIX),
        entry_no=int(item["sk"]),
        balance=item["balance"],
        held=item["held"],
        debt=item["debt"],
        grants=_grants(item["grants"]),
        holds=tuple(Hold(name, _movements(parts)) for name, parts in item.get("holds", [])),
        hash=item["hash"].hex(),
    )
    return Entry(
        type=EntryType(item["type"]),
        amount=item["amount"],
        movements=_movements(item["moved"]),
        cause=Cause(item["ref_kind"], item["ref_id"], item["cid"], item.get("reason")),
        created_at=parse_rfc3339(item["at"]),
        prev_hash=item["prev"].hex(),
        after=after,
    )


def _packed_movements(movements: Sequence[Movement]) -> bytes:
    return pack(
        number
        for one in movements
        for number in (one.grant_no, _KINDS.index(one.kind), _epoch(one.expires_at), one.amount)
    )


def _packed_grants(grants: Sequence[Grant]) -> bytes:
    return pack(
        number
        for one in grants
        for number in (one.entry_no, _KINDS.index(one.kind), _epoch(one.expires_at), one.remaining)
    )


def _movements(packed: bytes) -> tuple[Movement, ...]:
    return tuple(
        Movement(number, _KINDS[kind], _moment(expiry), amount)
        for number, kind, expiry, amount in _rows(packed)
    )


def _grants(packed: bytes) -> tuple[Grant, ...]:
    return tuple(
        Grant(number, _KINDS[kind], remaining, _moment(expiry))
        for number, kind, expiry, remaining in _rows(packed)
    )


def _rows(packed: bytes) -> Iterator[tuple[int, int, int, int]]:
    numbers = unpack(packed)
    return zip(numbers, numbers, numbers, numbers, strict=True)


def _epoch(moment: datetime | None) -> int:
    return _NEVER if moment is None else int(moment.timestamp())


def _moment(epoch: int) -> datetime | None:
    return None if epoch == _NEVER else datetime.fromtimestamp(epoch, UTC)
