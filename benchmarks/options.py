"""How much is measured: thoroughly, or quickly and roughly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

PARTS: Final = ("cold", "warm", "login", "calls", "stack", "debits", "sizes", "cost")


@dataclass(frozen=True)
class Options:
    """What is measured, and how often.

    Parameters
    ----------
    parts
        Names of `PARTS`.
    cold_rounds
        Fresh interpreters per function.
    warm_tries
        Warm requests per event.
    login_tries
        Logins per kind.
    ledger_sizes
        Entries of the ledgers that calls are counted on.
    grant_counts
        Open grants of the accounts that calls are counted on.
    clients
        How many at once, through the stack.
    load_seconds
        How long each load lasts.
    debit_clients, debit_rounds, debit_seconds
        How many debit at once, and how often and for how long each system is measured, in turn.
    """

    parts: tuple[str, ...] = PARTS
    cold_rounds: int = 7
    warm_tries: int = 200
    login_tries: int = 60
    ledger_sizes: tuple[int, ...] = (10, 1_000, 100_000)
    grant_counts: tuple[int, ...] = (1, 10, 50)
    clients: tuple[int, ...] = (1, 8, 32)
    load_seconds: float = 5.0
    debit_clients: int = 8
    debit_rounds: int = 5
    debit_seconds: float = 2.0

    @classmethod
    def of(cls, parts: Sequence[str], *, quick: bool) -> Self:
        """Choose parts, all if none is named, and how thoroughly they are measured.

        Raises
        ------
        ValueError
            If a part is not known.
        """
        unknown = [part for part in parts if part not in PARTS]
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}; parts are {', '.join(PARTS)}")
        chosen = tuple(parts) or PARTS
        if not quick:
            return cls(chosen)
        return cls(
            chosen,
            cold_rounds=1,
            warm_tries=20,
            login_tries=10,
            ledger_sizes=(10, 1_000),
            load_seconds=1.5,
            debit_rounds=1,
            debit_seconds=1.5,
        )
