"""Disputes (chargebacks): https://docs.omise.co/disputes-api."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from local.omise_sandbox.archive import Archive
from local.omise_sandbox.charges import ChargeDesk
from local.omise_sandbox.clock import Clock
from local.omise_sandbox.documents import dispute_document
from local.omise_sandbox.errors import OmiseError
from local.omise_sandbox.events import EventKey, EventLog
from local.omise_sandbox.identifiers import new_id
from local.omise_sandbox.records import Dispute

Verdict = Literal["won", "lost"]


class DisputeDesk:
    """Opens and closes disputes.

    Parameters
    ----------
    archive
        Where they are kept.
    clock
        Says when they were opened and closed.
    events
        Is told.
    charges
        Finds the disputed charge.
    """

    def __init__(
        self, archive: Archive, clock: Clock, events: EventLog, charges: ChargeDesk
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._events = events
        self._charges = charges

    def open(self, charge_id: str) -> Dispute:
        """Dispute a paid charge, for all of it that was not refunded.

        Raises
        ------
        OmiseError
            ``not_found``; ``invalid_charge``: it is not paid, or already disputed.
        """
        charge = self._charges.retrieve(charge_id)
        if charge.status != "successful" or charge.dispute_id is not None:
            raise OmiseError("invalid_charge", "charge is not disputable")
        dispute = Dispute(
            id=new_id("dspt"),
            created_at=self._clock.now(),
            charge_id=charge.id,
            amount=charge.charged_amount - charge.refunded,
            currency=charge.currency,
        )
        with self._archive.transaction():
            self._archive.charges.put(replace(charge, dispute_id=dispute.id, disputed=True))
            self._keep("dispute.create", dispute)
        return dispute

    def answer(self, identifier: str, message: str | None, metadata: dict[str, object]) -> Dispute:
        """Send the merchant's explanation; the dispute is then pending.

        Raises
        ------
        OmiseError
            ``not_found``; ``bad_request``: the dispute is closed.
        """
        return self._change(
            identifier,
            "dispute.update",
            lambda it: replace(
                it,
                status="pending",
                message=message or it.message,
                metadata=it.metadata | metadata,
            ),
        )

    def accept(self, identifier: str) -> Dispute:
        """Let the cardholder have the money.

        Raises
        ------
        OmiseError
            ``not_found``; ``bad_request``: the dispute is closed.
        """
        now = self._clock.now()
        return self._change(
            identifier, "dispute.accept", lambda it: replace(it, status="lost", closed_at=now)
        )

    def close(self, identifier: str, verdict: Verdict) -> Dispute:
        """Decide a dispute, for the merchant (``won``) or the cardholder (``lost``).

        Raises
        ------
        OmiseError
            ``not_found``; ``bad_request``: the dispute is closed.
        """
        now = self._clock.now()
        return self._change(
            identifier, "dispute.close", lambda it: replace(it, status=verdict, closed_at=now)
        )

    def _change(
        self, identifier: str, key: EventKey, change: Callable[[Dispute], Dispute]
    ) -> Dispute:
        dispute = self._archive.disputes.get(identifier)
        if dispute.closed_at is not None:
            raise OmiseError("bad_request", "dispute is already closed")
        changed = change(dispute)
        with self._archive.transaction():
            if changed.status == "won":
                charge = self._archive.charges.get(changed.charge_id)
                self._archive.charges.put(replace(charge, disputed=False))
            self._keep(key, changed)
        return changed

    def _keep(self, key: EventKey, dispute: Dispute) -> None:
        self._archive.disputes.put(dispute)
        charge = self._archive.charges.get(dispute.charge_id)
        self._events.record(key, charge, dispute_document(dispute))
