"""How long the tests let Omise's client wait: briefly only where an answer never comes.

A short patience everywhere would make a call fail that a busy machine merely delayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from billing.adapters import omise_request

if TYPE_CHECKING:
    import pytest

_PATIENT: Final = dict(omise_request._READ_SECONDS)
_BRIEF: Final = {"get": 0.4, "post": 0.4}


def read_seconds(fault: str = "") -> dict[str, float]:
    """Return the seconds to wait for an answer under a fault of the sandbox's."""
    return _BRIEF if fault.startswith("timeout") else _PATIENT


def be_brief(monkeypatch: pytest.MonkeyPatch, fault: str = "timeout") -> None:
    """Wait briefly until the test's end, if the fault is an answer that never comes."""
    monkeypatch.setattr(omise_request, "_READ_SECONDS", read_seconds(fault))
