"""How `pytest --numprocesses` shares the tests out.

What needs something that takes seconds to bring up is tested by one process, folder by folder, and
begins first; what mostly waits has a stack of its own, and waits while others work. The rest goes
file by file to whoever is free.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from xdist.scheduler import LoadScopeScheduling

TOGETHER: Final = {
    "tests/e2e/test_lost_runs.py": "a stack that is waited for",
    "tests/e2e/test_key_rotation.py": "a stack that is waited for",
    "tests/e2e": "the deployed stack",
    "tests/web": "the deployed console",
    "tests/faults": "the saga in virtual time",
    "tests/integration/ledger": "an emulator for the ledger",
    "tests/integration/emulator": "emulators with toys",
    "tests/infra": "synthesized templates",
}
_RANKS: Final = {group: rank for rank, group in enumerate(dict.fromkeys(TOGETHER.values()))}


class SharedOut(LoadScopeScheduling):  # type: ignore[misc]  # the package is untyped
    """Gives each process whole groups of tests."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Name the tests that one process runs: those of a folder, or else those of a file."""
    file = nodeid.partition("::")[0]
    path = PurePosixPath(file)
    return next((group for folder, group in TOGETHER.items() if path.is_relative_to(folder)), file)


def rank_of(nodeid: str) -> int:
    """Say which tests begin first: those that take longest, as `TOGETHER` has them."""
    return _RANKS.get(group_of(nodeid), len(_RANKS))
