"""How a call to Omise can end badly, told apart by what it means for money."""

from __future__ import annotations

from kernel.errors import TemporarilyUnavailableError


class OmiseUnavailableError(TemporarilyUnavailableError):
    """Omise gave no answer that says what happened: time-out, lost connection, 5xx, no JSON.

    Parameters
    ----------
    what
        What went wrong, for the log.
    may_have_happened
        Whether the call may have had its effect all the same. Only a read may be repeated
        blindly then: Omise has no idempotency keys.
    """

    def __init__(self, what: str, *, may_have_happened: bool = True) -> None:
        super().__init__("The payment provider does not answer. Try again.")
        self.what = what
        self.may_have_happened = may_have_happened


class UnreadableChargeError(OmiseUnavailableError):
    """Omise answered with a charge that is not as documented, so nothing follows from it.

    Parameters
    ----------
    what
        What is not as documented, for the log.
    charge_id, purchase_id
        What it names, as far as that can be read.
    """

    def __init__(self, what: str, charge_id: str | None, purchase_id: str | None) -> None:
        super().__init__(f"not a charge: {what}")
        self.charge_id = charge_id
        self.purchase_id = purchase_id


class OmiseRefusalError(Exception):
    """Omise refused the call for good; it had no effect.

    Parameters
    ----------
    status
        The HTTP status.
    code, message
        Omise's own, for example `used_token`. https://docs.omise.co/api-errors
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message

    @property
    def is_not_found(self) -> bool:
        """Tell whether Omise does not know what was asked for."""
        return self.status == 404  # noqa: PLR2004  # the HTTP status
