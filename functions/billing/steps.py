"""What the steps of billing's state machines have in common: the errors that they leave under."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from billing.adapters.ledger_store import AccountBusyError
from billing.adapters.purchase_store import PurchaseChangedError
from kernel.errors import TemporarilyUnavailableError

ResultT = TypeVar("ResultT")


def retried_by_name(step: Callable[[], ResultT]) -> ResultT:
    """Run a step; whatever may go well next time leaves under the one name that is retried.

    Step Functions knows an error by its class's name, and no inheritance.

    Raises
    ------
    TemporarilyUnavailableError
        If AWS or Omise did not answer, or two writers met.
    """
    try:
        return step()
    except (TemporarilyUnavailableError, AccountBusyError) as error:
        raise TemporarilyUnavailableError(error.detail) from error
    except PurchaseChangedError as error:
        raise TemporarilyUnavailableError("The purchase changed meanwhile.") from error
