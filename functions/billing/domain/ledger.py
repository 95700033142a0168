"""The ledger's rules: `(account, command, now) -> entries`, or a domain error.

Pure: nothing here reads a clock, a table or a setting. Whoever commits the entries puts them in
one transaction with the record that caused them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import singledispatch
from typing import Final

from billing.domain import commands
from billing.domain.account import Account, Grant, GrantKind, Hold, Movement
from billing.domain.book import Book
from billing.domain.entry import Entry, EntryType
from kernel.errors import DomainError

GIVE_BACK_GRACE: Final = timedelta(days=7)


class InsufficientCreditsError(DomainError):
    """The account has fewer spendable credits than are asked for."""

    code = "insufficient_credits"

    def __init__(self, required: int, available: int) -> None:
        super().__init__(
            f"This costs {required} credits; {available} are available.",
            required=required,
            available=available,
            shortfall=required - available,
            top_up="/v1/packages",
        )


class HoldError(ValueError):
    """A hold is unknown, exists already, or is smaller than what is to be captured."""


def execute(account: Account, command: commands.Command, now: datetime) -> tuple[Entry, ...]:
    """Carry out a command on an account.

    Parameters
    ----------
    account
        The account after its last entry.
    command
        What is to happen.
    now
        The time, with an offset; expiry is judged by it.

    Returns
    -------
    tuple[Entry, ...]
        The entries to append, oldest first; none where nothing changes.

    Raises
    ------
    InsufficientCreditsError
        If the command takes more than can be spent.
    HoldError
        If the command names a hold that does not fit.
    """
    book = Book(account, now, command.cause)
    _carry_out(command, book)
    return tuple(book.entries)


@singledispatch
def _carry_out(command: object, book: Book) -> None:  # noqa: ARG001  # the fallback of a dispatch
    raise TypeError(f"{type(command).__name__} is not a command")


@_carry_out.register
def _credit_purchase(command: commands.CreditPurchase, book: Book) -> None:
    book.credit(EntryType.PURCHASE, GrantKind.PAID, command.credits, command.expires_at)
    if command.bonus_credits:
        book.credit(EntryType.BONUS, GrantKind.BONUS, command.bonus_credits, command.expires_at)
    _repay_debt(book)


@_carry_out.register
def _grant_promo(command: commands.GrantPromo, book: Book) -> None:
    book.credit(EntryType.PROMO, GrantKind.PROMO, command.credits, command.expires_at)
    _repay_debt(book)


@_carry_out.register
def _spend(command: commands.Spend, book: Book) -> None:
    _write_off(book)
    book.post(EntryType.SPEND, _taken(book, command.credits))


@_carry_out.register
def _give_back(command: commands.GiveBack, book: Book) -> None:
    book.restore(EntryType.SPEND_REFUND, command.spend.movements, GIVE_BACK_GRACE)
    _repay_debt(book)


@_carry_out.register
def _expire(_command: commands.Expire, book: Book) -> None:
    _write_off(book)


@_carry_out.register
def _reserve(command: commands.Reserve, book: Book) -> None:
    if any(hold.id == command.hold_id for hold in book.account.holds):
        raise HoldError(f"{command.hold_id} is held already")
    _write_off(book)
    taken = _taken(book, command.credits, command.grant_nos)
    hold = Hold(command.hold_id, tuple(_reversed(taken)))
    book.post(EntryType.RESERVE, taken, holds=(*book.account.holds, hold))


@_carry_out.register
def _capture(command: commands.Capture, book: Book) -> None:
    hold, others = _hold(book.account, command.hold_id)
    if command.credits > hold.amount:
        raise HoldError(f"{command.hold_id} holds less than {command.credits}")
    captured, rest = _split(hold.parts, command.credits)
    kept = (*others, Hold(hold.id, rest)) if rest else others
    book.note(EntryType.CAPTURE, _reversed(captured), holds=kept)
    if rest:
        book.restore(EntryType.RELEASE, rest, GIVE_BACK_GRACE, holds=others)
        _repay_debt(book)


@_carry_out.register
def _release(command: commands.Release, book: Book) -> None:
    hold, others = _hold(book.account, command.hold_id)
    book.restore(EntryType.RELEASE, hold.parts, GIVE_BACK_GRACE, holds=others)
    _repay_debt(book)


@_carry_out.register
def _claw_back(command: commands.ClawBack, book: Book) -> None:
    own = [grant for grant in book.account.grants if grant.entry_no in command.grant_nos]
    others = [grant for grant in book.account.spendable(book.now) if grant not in own]
    taken = _from([*own, *others], command.credits)
    missing = command.credits + sum(movement.amount for movement in taken)
    book.post(EntryType.CLAWBACK, taken, debt=book.account.debt + missing)


@_carry_out.register
def _repay(_command: commands.RepayDebt, book: Book) -> None:
    _repay_debt(book)


@_carry_out.register
def _adjust(command: commands.Adjust, book: Book) -> None:
    if command.credits > 0:
        book.credit(EntryType.ADJUSTMENT, GrantKind.PROMO, command.credits, None)
        _repay_debt(book)
    else:
        _write_off(book)
        book.post(EntryType.ADJUSTMENT, _taken(book, -command.credits))


def _write_off(book: Book) -> None:
    """Expire what is over before anything is taken: expiry does not wait for a job."""
    expired = book.account.expired(book.now)
    if expired:
        book.post(EntryType.EXPIRE, [_out_of(grant, grant.remaining) for grant in expired])


def _repay_debt(book: Book) -> None:
    """Let whatever comes in repay debt first."""
    owed = min(book.account.debt, book.account.available(book.now))
    if owed:
        repaid = _from(book.account.spendable(book.now), owed)
        book.post(EntryType.DEBT_REPAID, repaid, debt=book.account.debt - owed)


def _taken(book: Book, amount: int, first: tuple[int, ...] = ()) -> list[Movement]:
    available = book.account.available(book.now)
    if available < amount:
        raise InsufficientCreditsError(amount, available)
    spendable = book.account.spendable(book.now)
    # Sorting is stable, so the order of spending decides within each half.
    return _from(sorted(spendable, key=lambda grant: grant.entry_no not in first), amount)


def _from(grants: Iterable[Grant], amount: int) -> list[Movement]:
    """Take an amount out of grants in their order, as far as they go."""
    movements = []
    for grant in grants:
        part = min(grant.remaining, amount)
        if part:
            movements.append(_out_of(grant, part))
            amount -= part
    return movements


def _split(
    parts: tuple[Movement, ...], amount: int
) -> tuple[tuple[Movement, ...], tuple[Movement, ...]]:
    """Divide parts after an amount."""
    first: list[Movement] = []
    second: list[Movement] = []
    for part in parts:
        within = min(part.amount, amount)
        amount -= within
        first.append(part.with_amount(within))
        second.append(part.with_amount(part.amount - within))
    return _without_empty(first), _without_empty(second)


def _hold(account: Account, hold_id: str) -> tuple[Hold, tuple[Hold, ...]]:
    for hold in account.holds:
        if hold.id == hold_id:
            return hold, tuple(other for other in account.holds if other is not hold)
    raise HoldError(f"{hold_id} is not held")


def _out_of(grant: Grant, amount: int) -> Movement:
    return Movement(grant.entry_no, grant.kind, grant.expires_at, -amount)


def _without_empty(parts: Iterable[Movement]) -> tuple[Movement, ...]:
    return tuple(part for part in parts if part.amount)


def _reversed(parts: Iterable[Movement]) -> list[Movement]:
    return [part.with_amount(-part.amount) for part in parts]
