"""dj-wallet: a balance that is locked, checked and changed, and a row per transaction."""

from __future__ import annotations

from functools import cache

from benchmarks.peers.django_project import COST, CREDITS, migrate, set_up, store_run

set_up(["dj_wallet"])

from dj_wallet.models import Wallet  # noqa: E402
from dj_wallet.services.common import WalletService  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402  # Django has to be set up first
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import transaction  # noqa: E402


def prepare(accounts: int) -> None:
    """Make users with a full wallet each."""
    migrate()
    holder = ContentType.objects.get_for_model(User)
    for number in range(accounts):
        user = User.objects.create(username=str(number))
        wallet = Wallet.objects.create(holder_type=holder, holder_id=user.pk, slug="default")
        WalletService.deposit(wallet, CREDITS)


def debit(account: int, key: str) -> bool:
    """Withdraw, and store the run."""
    with transaction.atomic():
        WalletService.withdraw(_wallet(account), COST, meta={"run": key})
        store_run(account, key)
    return True


@cache
def _wallet(account: int) -> Wallet:
    user = User.objects.get(username=str(account))
    return Wallet.objects.get(holder_id=user.pk)
