"""What the operator may sell."""

from __future__ import annotations

import pytest

from billing.catalogue import load_packages
from billing.domain.packages import CatalogueError, parse_packages

ROW = {
    "id": "starter",
    "name": "Starter",
    "credits": 100,
    "bonus_credits": 0,
    "amount": 9_900,
    "currency": "THB",
    "expires_after_days": 365,
}


@pytest.mark.parametrize("stage", ["local", "dev", "staging", "prod"])
def test_every_stage_has_a_catalogue_that_can_be_sold(stage: str) -> None:
    """Each file reads, and each package's key is its id."""
    packages = load_packages(stage)
    assert all(package.id == key for key, package in packages.items())
    assert len(packages) >= 1


def test_credits_may_live_forever() -> None:
    """No expiry is said by null."""
    package = parse_packages({"packages": [ROW | {"expires_after_days": None}]})["starter"]
    assert package.expires_after_days is None


@pytest.mark.parametrize(
    "difference",
    [
        {"id": "Starter!"},
        {"name": "  "},
        {"credits": 0},
        {"credits": 10.0},
        {"credits": True},
        {"bonus_credits": -1},
        {"credits": 10**12, "bonus_credits": 1},
        {"amount": 1_999},
        {"amount": 15_000_001},
        {"amount": "9900"},
        {"currency": "USD"},
        {"expires_after_days": 0},
        {"discount": 10},
    ],
)
def test_a_package_that_omise_or_the_ledger_would_refuse_is_refused(
    difference: dict[str, object],
) -> None:
    """A mistake in the file is found at synth, not by a buyer."""
    with pytest.raises(CatalogueError):
        parse_packages({"packages": [ROW | difference]})


@pytest.mark.parametrize(
    "document", [None, [], {}, {"packages": []}, {"packages": [ROW, ROW]}, {"packages": ["x"]}]
)
def test_a_catalogue_of_another_shape_is_refused(document: object) -> None:
    """Empty, repeated and shapeless catalogues sell nothing."""
    with pytest.raises(CatalogueError):
        parse_packages(document)
