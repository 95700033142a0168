"""django-hordak: double entry; an account's balance is the sum of its legs, under a lock."""

from __future__ import annotations

from functools import cache

from benchmarks.peers.django_project import COST, CREDITS, migrate, set_up, store_run

set_up(["mptt", "hordak"])

from django.db import transaction  # noqa: E402  # Django has to be set up first
from hordak.models import Account, AccountType  # noqa: E402
from moneyed import Money  # noqa: E402

_CURRENCY = "THB"
_BANK, _REVENUE = "bank", "revenue"


def prepare(accounts: int) -> None:
    """Make a liability account per user, full of credits that were bought."""
    migrate()
    bank = _made(_BANK, AccountType.asset)
    _made(_REVENUE, AccountType.income)
    for number in range(accounts):
        account = _made(str(number), AccountType.liability)
        account.transfer_to(bank, Money(CREDITS, _CURRENCY))  # credits the one, debits the other


def debit(account: int, key: str) -> bool:
    """Check the balance under a lock, transfer, and store the run."""
    with transaction.atomic():
        payer = Account.objects.select_for_update().get(pk=_account(str(account)).pk)
        if payer.get_balance()[_CURRENCY].amount < COST:
            return False
        _account(_REVENUE).transfer_to(payer, Money(COST, _CURRENCY))
        store_run(account, key)
    return True


def _made(name: str, kind: AccountType) -> Account:
    return Account.objects.create(name=name, type=kind, currencies=[_CURRENCY])


@cache
def _account(name: str) -> Account:
    return Account.objects.get(name=name)
