"""How an account and its entries look to a client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from billing.documents import AccountDocument, EntryDocument, GrantDocument, PackageDocument
from billing.domain.account import Account, Grant, grant_id
from billing.domain.entry import Entry
from billing.domain.packages import Package
from kernel.clock import rfc3339


def account_view(account: Account, origins: Mapping[int, Entry], now: datetime) -> AccountDocument:
    """Represent an account.

    Parameters
    ----------
    account
        The account after its last entry.
    origins
        The entries that made its open grants, by number.
    now
        The time; credits whose time is over are not shown, written off or not.
    """
    return {
        "balance": account.available(now),
        "held": account.held,
        "debt": account.debt,
        "grants": [
            _grant_view(account.user_id, grant, origins[grant.entry_no])
            for grant in account.spendable(now)
        ],
        "as_of_entry": account.entry_no,
    }


def entry_view(entry: Entry) -> EntryDocument:
    """Represent a ledger entry."""
    user_id = entry.after.user_id
    return {
        "id": entry.id,
        "entry_no": entry.entry_no,
        "type": entry.type,
        "amount": entry.amount,
        "balance_after": entry.after.balance,
        "held_after": entry.after.held,
        "grants": [
            {"grant_id": grant_id(user_id, movement.grant_no), "amount": movement.amount}
            for movement in entry.movements
        ],
        "reference": {"kind": entry.cause.kind, "id": entry.cause.id},
        "created_at": rfc3339(entry.created_at),
    }


def package_view(package: Package) -> PackageDocument:
    """Represent a package on sale."""
    return {
        "id": package.id,
        "name": package.name,
        "credits": package.credits,
        "bonus_credits": package.bonus_credits,
        "amount": package.amount,
        "currency": package.currency,
        "expires_after_days": package.expires_after_days,
    }


def _grant_view(user_id: str, grant: Grant, origin: Entry) -> GrantDocument:
    granted = sum(m.amount for m in origin.movements if m.grant_no == grant.entry_no)
    return {
        "id": grant_id(user_id, grant.entry_no),
        "kind": grant.kind,
        "remaining": grant.remaining,
        "granted": granted,
        "expires_at": rfc3339(grant.expires_at) if grant.expires_at else None,
        "source": origin.cause.id,
    }
