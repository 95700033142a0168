"""S04, W10, L04: every fault meets every step; nobody loses anything, or somebody is called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from billing.adapters.omise_errors import OmiseUnavailableError
from tests.faults.catalogue import PAYS, Outcome, outcome
from tests.faults.plant import Plant, running_plant
from tests.faults.table import cells, documented, rendered


@pytest.fixture(scope="module")
def plant() -> Iterator[Plant]:
    """Bring the saga up, once for all faults."""
    with running_plant() as running:
        yield running


@pytest.fixture(scope="module")
def seen() -> dict[tuple[str, str, str], Outcome]:
    """Collect what was found, for the table."""
    return {}


@pytest.mark.parametrize(("buyer", "fault", "step"), list(cells()))
def test_s04_w10_a_fault_that_meets_a_step(
    plant: Plant, seen: dict[tuple[str, str, str], Outcome], buyer: str, fault: str, step: str
) -> None:
    """One paid charge and its credits, or neither; a person is called for defects only."""
    found = outcome(plant, buyer, fault, step)
    assert found.is_fair, found
    seen[buyer, fault, step] = found
    assert _documented_cell(buyer, fault, step) == found.cell


def _documented_cell(buyer: str, fault: str, step: str) -> str:
    rows = [[cell.strip() for cell in line.split("|")] for line in _section(buyer)]
    (column,) = (row.index(step) for row in rows if "fault" in row)
    (cell,) = (row[column] for row in rows if fault in row)
    return cell


def _section(buyer: str) -> list[str]:
    """Return the lines of the documented table about a buyer."""
    return documented().partition(f"### {buyer}\n")[2].partition("###")[0].splitlines()


def test_the_documented_table_has_every_cell() -> None:
    """The page lists exactly the faults and steps that are tested."""
    empty = rendered([])
    heads = [line for line in empty.splitlines() if line.startswith(("| fault", "###"))]
    assert [
        line for line in documented().splitlines() if line.startswith(("| fault", "###"))
    ] == heads
    shown = sum(
        cell.strip() not in {"–", ""}  # noqa: RUF001  # as the table shows it
        for buyer in ("The buyer pays", "Nobody pays")
        for line in _section(buyer)
        if line.startswith("| ") and not line.startswith(("| fault", "| ---"))
        for cell in line.split("|")[2:]
    )
    assert shown == len(list(cells()))


def test_the_table_notices_a_client_that_repeats_blindly(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Believing that nothing happened makes a second charge, and both are paid."""
    monkeypatch.setattr(
        OmiseUnavailableError,
        "may_have_happened",
        property(lambda _: False, lambda *_: None),
        raising=False,
    )
    found = outcome(plant, PAYS, "connection lost after", "create_charge")
    assert not found.is_fair
    assert found.variants[0].charges > 1


def test_the_table_notices_a_saga_that_never_looks(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A settlement that takes Omise's word for nothing leaves the money without its credits."""
    for name in ("billing.saga.awaiting", "billing.saga.compensation", "billing.saga.charging"):
        monkeypatch.setattr(f"{name}.Settlement.settle", lambda _, purchase, *__, **___: purchase)
    found = outcome(plant, PAYS, "webhook dropped", "await_payment")
    assert not found.is_fair
    assert (found.variants[0].status, found.variants[0].paid_charges) == ("pending", 1)
