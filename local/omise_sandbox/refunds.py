"""Refunds: https://docs.omise.co/refunds-api. PromptPay charges can't be refunded."""

from local.omise_sandbox import charge as lifecycle
from local.omise_sandbox.archive import Archive
from local.omise_sandbox.charges import ChargeDesk
from local.omise_sandbox.clock import Clock
from local.omise_sandbox.documents import refund_document
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.events import EventLog
from local.omise_sandbox.identifiers import new_id
from local.omise_sandbox.payload import Parameters, integer, mapping
from local.omise_sandbox.records import Refund


class RefundDesk:
    """Gives money back.

    Parameters
    ----------
    archive
        Where refunds are kept.
    clock
        Says when they were made.
    events
        Is told.
    charges
        Finds the charge.
    """

    def __init__(
        self, archive: Archive, clock: Clock, events: EventLog, charges: ChargeDesk
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._events = events
        self._charges = charges

    def create(self, charge_id: str, parameters: Parameters) -> Refund:
        """Refund a charge, in part or what is left of it.

        Parameters
        ----------
        charge_id
            Which charge.
        parameters
            ``amount`` in satang, and perhaps ``metadata``.

        Raises
        ------
        OmiseError
            ``not_found``; ``failed_refund``: not this charge, or not that much.
        """
        amount = integer(parameters, "amount", "failed_refund")
        if amount is None:
            raise OmiseError("failed_refund", "amount is not a number")
        charge = lifecycle.refund(self._charges.retrieve(charge_id), amount)
        refund = Refund(
            id=new_id("rfnd"),
            created_at=self._clock.now(),
            charge_id=charge_id,
            amount=amount,
            currency=charge.currency,
            metadata=mapping(parameters, "metadata"),
        )
        with self._archive.transaction():
            self._archive.charges.put(charge)
            self._archive.refunds.put(refund)
            self._events.record("refund.create", charge, refund_document(refund))
        return refund
