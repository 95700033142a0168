"""How accounts, entries, packages and purchases look to a client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from billing.documents import (
    AccountDocument,
    EntryDocument,
    FailureDocument,
    GrantDocument,
    PackageDocument,
    PaymentDocument,
    PurchaseDocument,
    StatusChangeDocument,
)
from billing.domain.account import Account, Grant, grant_id
from billing.domain.entry import Entry
from billing.domain.packages import Package
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Failure, Payment, StatusChange
from kernel.clock import rfc3339, rfc3339_or_none


def account_document(
    account: Account, origins: Mapping[int, Entry], now: datetime
) -> AccountDocument:
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
            _grant(account.user_id, grant, origins[grant.entry_no])
            for grant in account.spendable(now)
        ],
        "as_of_entry": account.entry_no,
    }


def entry_document(entry: Entry) -> EntryDocument:
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


def package_document(package: Package) -> PackageDocument:
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


def purchase_document(purchase: Purchase) -> PurchaseDocument:
    """Return a purchase as the API shows it to its owner."""
    package = purchase.package
    return {
        "id": purchase.id,
        "status": purchase.status,
        "package_id": package.id,
        "credits": package.credits,
        "bonus_credits": package.bonus_credits,
        "amount": package.amount,
        "currency": package.currency,
        "payment_method": {"type": purchase.payment_method},
        "payment": _payment(purchase.payment) if purchase.payment else None,
        "failure": _failure(purchase.failure) if purchase.failure else None,
        "history": [_status_change(change) for change in purchase.history],
        "refunded_amount": purchase.refunded_amount,
        "created_at": rfc3339(purchase.created_at),
        "updated_at": rfc3339(purchase.updated_at),
        "completed_at": rfc3339_or_none(purchase.completed_at),
    }


def _grant(user_id: str, grant: Grant, origin: Entry) -> GrantDocument:
    granted = sum(m.amount for m in origin.movements if m.grant_no == grant.entry_no)
    return {
        "id": grant_id(user_id, grant.entry_no),
        "kind": grant.kind,
        "remaining": grant.remaining,
        "granted": granted,
        "expires_at": rfc3339_or_none(grant.expires_at),
        "source": origin.cause.id,
    }


def _payment(payment: Payment) -> PaymentDocument:
    return {
        "charge_id": payment.charge_id,
        "qr_code_uri": payment.qr_code_uri,
        "authorize_uri": payment.authorize_uri,
        "expires_at": rfc3339_or_none(payment.expires_at),
    }


def _failure(failure: Failure) -> FailureDocument:
    return {"code": failure.code, "message": failure.message}


def _status_change(change: StatusChange) -> StatusChangeDocument:
    return {"at": rfc3339(change.at), "status": change.status, "source": change.source}
