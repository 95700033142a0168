"""What `make bench` can be told."""

from __future__ import annotations

import pytest

from benchmarks.options import PARTS, Options


def test_without_a_choice_everything_is_measured() -> None:
    """All parts, in their order."""
    assert Options.of([], quick=False).parts == PARTS


def test_parts_can_be_chosen() -> None:
    """In the order that they are named in."""
    assert Options.of(["warm", "cold"], quick=False).parts == ("warm", "cold")


def test_a_part_that_is_not_known_is_refused() -> None:
    """With the names that are."""
    with pytest.raises(ValueError, match="unknown: hot; parts are cold, warm"):
        Options.of(["cold", "hot"], quick=False)


def test_a_quick_run_repeats_less_and_counts_on_as_many_clients() -> None:
    """Its tables have the same rows and columns but for the largest ledger."""
    quick, thorough = Options.of([], quick=True), Options.of([], quick=False)
    assert quick.warm_tries < thorough.warm_tries
    assert (quick.clients, quick.debit_clients) == (thorough.clients, thorough.debit_clients)
