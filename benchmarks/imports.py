"""Which packages the time of a cold start goes to, out of `python -X importtime`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

_LINE: Final = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")
_STANDARD: Final = "standard library"


def microseconds_by_package(report: str, packages: frozenset[str]) -> Counter[str]:
    """Add up what importing each top-level package's modules took by themselves.

    Parameters
    ----------
    report
        What the interpreter wrote.
    packages
        The names that are told apart; the rest is the standard library's.
    """
    taken: Counter[str] = Counter()
    for microseconds, module in _lines(report):
        package = module.partition(".")[0]
        taken[package if package in packages else _STANDARD] += microseconds
    return taken


def shares(taken: Mapping[str, float], most: int) -> str:
    """Name the most expensive packages with their share of the whole: `boto3 40 %, jwt 10 %`."""
    total = sum(taken.values())
    dearest = sorted(taken.items(), key=lambda pair: -pair[1])[:most]
    return ", ".join(f"{name} {share / total:.0%}" for name, share in dearest if share)


def _lines(report: str) -> Iterator[tuple[int, str]]:
    for microseconds, module in _LINE.findall(report):
        yield int(microseconds), module
