"""The credit packages that the operator sells: plain values, checked when they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal

from billing.domain.amounts import MAX_CREDITS
from kernel.errors import DomainError

CURRENCY: Final = "THB"
# Omise takes no charge under 2,000 satang, and PromptPay none over 15,000,000.
MIN_AMOUNT_SATANG: Final = 2_000
MAX_AMOUNT_SATANG: Final = 15_000_000
MAX_PACKAGES: Final = 50
_MAX_EXPIRY_DAYS: Final = 3_650
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MAX_NAME_LENGTH: Final = 64


class PackageNotFoundError(DomainError):
    """No package on sale has this id."""

    code = "package_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such package.")


class CatalogueError(ValueError):
    """The operator's catalogue file holds something that cannot be sold."""


@dataclass(frozen=True, slots=True)
class Package:
    """Credits for a price.

    `amount` is in satang; `expires_after_days` counts from the day of payment, None means never.
    """

    id: str
    name: str
    credits: int
    bonus_credits: int
    amount: int
    currency: Literal["THB"]
    expires_after_days: int | None

    def __post_init__(self) -> None:
        """Refuse a package that Omise or the ledger would refuse later.

        Raises
        ------
        CatalogueError
            Naming the package and what is wrong with it.
        """
        wrong = [name for name, fits in self._rules().items() if not fits]
        if wrong:
            raise CatalogueError(f"package {self.id!r}: {', '.join(wrong)} not allowed")

    def _rules(self) -> dict[str, bool]:
        return {
            "id": type(self.id) is str and _ID.fullmatch(self.id) is not None,
            "name": type(self.name) is str and 0 < len(self.name.strip()) <= _MAX_NAME_LENGTH,
            "credits": _is_within(self.credits, 1, MAX_CREDITS),
            "bonus_credits": _is_within(self.bonus_credits, 0, self._room_for_bonus),
            "amount": _is_within(self.amount, MIN_AMOUNT_SATANG, MAX_AMOUNT_SATANG),
            "currency": self.currency == CURRENCY,
            "expires_after_days": self.expires_after_days is None
            or _is_within(self.expires_after_days, 1, _MAX_EXPIRY_DAYS),
        }

    @property
    def _room_for_bonus(self) -> int:
        """A refund takes back all that a package brought at once, as one number of credits."""
        return MAX_CREDITS - self.credits if type(self.credits) is int else MAX_CREDITS


def parse_packages(document: object) -> Mapping[str, Package]:
    """Read a catalogue: `{"packages": [{id, name, credits, …}, …]}`.

    Returns
    -------
    Mapping[str, Package]
        The packages by id, in the order of the catalogue.

    Raises
    ------
    CatalogueError
        If a package lacks a field, has one too many, is repeated or cannot be sold.
    """
    rows = document.get("packages") if isinstance(document, Mapping) else None
    if not isinstance(rows, Sequence) or not 1 <= len(rows) <= MAX_PACKAGES:
        raise CatalogueError(f"a catalogue lists 1 to {MAX_PACKAGES} packages")
    packages = [_package(row) for row in rows]
    by_id = {package.id: package for package in packages}
    if len(by_id) != len(packages):
        raise CatalogueError("two packages have the same id")
    return by_id


def _package(row: object) -> Package:
    names = {field.name for field in fields(Package)}
    if not isinstance(row, Mapping) or set(row) != names:
        raise CatalogueError(f"a package has exactly the fields {', '.join(sorted(names))}")
    return Package(**row)


def _is_within(value: object, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high
