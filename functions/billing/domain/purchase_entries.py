"""The ledger's side of settling: which entries a decision about a purchase makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from billing.domain.account import Account
from billing.domain.commands import Capture, ClawBack, Command, CreditPurchase, Release
from billing.domain.entry import Cause, Entry, EntryType
from billing.domain.ledger import execute
from billing.domain.purchase import Purchase
from billing.domain.purchase_settlement import Decision, Outcome
from billing.domain.returned_money import Taking

_GRANTING: Final = frozenset({EntryType.PURCHASE, EntryType.BONUS})


def entries_of(decision: Decision, account: Account, now: datetime) -> tuple[Entry, ...]:
    """Make the entries: credit what was bought, then take what is due, in this order.

    Parameters
    ----------
    decision
        What settling decided.
    account
        The buyer's account.
    now
        The time of the entries.
    """
    entries: tuple[Entry, ...] = ()
    purchase = decision.purchase
    if decision.outcome is Outcome.COMPLETE:
        entries = execute(account, _credit(purchase), now)
    own = grant_nos(entries) or purchase.grant_nos
    for command in _takes(decision.taking, own, cause_of(purchase)):
        current = entries[-1].after if entries else account
        entries += execute(current, command, now)
    return entries


def grant_nos(entries: Sequence[Entry]) -> tuple[int, ...]:
    """Name the entries that brought a purchase's credits."""
    return tuple(entry.entry_no for entry in entries if entry.type in _GRANTING)


def cause_of(purchase: Purchase) -> Cause:
    """Return what a purchase's entries refer to."""
    return Cause("purchase", purchase.id, purchase.correlation_id)


def _credit(purchase: Purchase) -> CreditPurchase:
    return CreditPurchase(
        purchase.package.credits,
        purchase.package.bonus_credits,
        purchase.credits_expire_at(),
        cause_of(purchase),
    )


def _takes(taking: Taking, own: tuple[int, ...], cause: Cause) -> Iterator[Command]:
    if taking.hold_id is not None and taking.captured:
        yield Capture(taking.hold_id, taking.captured, cause)
    elif taking.hold_id is not None:
        yield Release(taking.hold_id, cause)
    if taking.clawed_back:
        yield ClawBack(taking.clawed_back, own, cause)
