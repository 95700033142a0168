"""Making charges and moving them along, each change together with its event.

A card charge that needs nobody's confirmation is born with its outcome, and Omise sends
``charge.create`` for it and no ``charge.complete``; that one is for charges which were pending.
"""

from collections.abc import Callable
from typing import Final

from local.omise_sandbox import charge as lifecycle
from local.omise_sandbox.archive import Archive
from local.omise_sandbox.cards import FAILURE_MESSAGES
from local.omise_sandbox.charge import Charge
from local.omise_sandbox.charge_documents import ChargeDocuments
from local.omise_sandbox.charge_maker import ChargeMaker
from local.omise_sandbox.charge_request import parse_charge_request
from local.omise_sandbox.clock import Clock
from local.omise_sandbox.errors import OmiseError, not_found
from local.omise_sandbox.events import EventKey, EventLog
from local.omise_sandbox.payload import Parameters
from local.omise_sandbox.store import AtMost, Window
from local.omise_sandbox.three_d_secure import failure_of_challenge

_EXPIRED_AT_ONCE: Final = 100

Change = Callable[[Charge], Charge]


class ChargeDesk:
    """Everything that can be done to charges.

    Parameters
    ----------
    archive
        Where they are kept.
    clock
        Says when they expire.
    events
        Is told what happened.
    documents
        Renders the charge into the event.
    maker
        Makes charges of requests.
    """

    def __init__(
        self,
        archive: Archive,
        clock: Clock,
        events: EventLog,
        documents: ChargeDocuments,
        maker: ChargeMaker,
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._events = events
        self._documents = documents
        self._maker = maker

    def create(self, parameters: Parameters) -> Charge:
        """Make a charge; a card that needs no challenge is charged at once.

        Raises
        ------
        OmiseError
            The parameters, the token or the source are refused; then nothing was charged.
        """
        now = self._clock.now()
        request = parse_charge_request(parameters, now)
        with self._archive.transaction():
            charge = self._maker.make(request, now)
            self._keep("charge.create", charge)
        return charge

    def retrieve(self, identifier: str) -> Charge:
        """Return a charge as it is now: expired, if its time is over.

        Raises
        ------
        OmiseError
            ``not_found``.
        """
        charge = self._archive.charges.get(identifier)
        if charge.status == "pending" and charge.expires_at <= self._clock.now():
            return self._expire(charge)
        return charge

    def select(self, window: Window) -> tuple[list[Charge], int]:
        """Return the charges in a window and how many there are without its limit."""
        self.expire_due()
        return self._archive.charges.select(window)

    def settle_late(self, identifier: str) -> Charge:
        """Let a payment arrive for a charge that is over: expired, failed.

        A bank may confirm a transfer after the QR code's time.

        Raises
        ------
        OmiseError
            ``not_found``.
        """
        now = self._clock.now()
        return self.change(identifier, "charge.complete", lambda it: lifecycle.settle(it, now))

    def change(self, identifier: str, key: EventKey, change: Change) -> Charge:
        """Change a charge and tell the world.

        Parameters
        ----------
        identifier
            Which charge.
        key
            The event that it makes.
        change
            Returns the changed charge, or raises.

        Raises
        ------
        OmiseError
            ``not_found``, or what `change` raises.
        """
        changed = change(self.retrieve(identifier))
        self._keep(key, changed)
        return changed

    def answer_challenge(self, authorize_id: str, *, passed: bool) -> Charge:
        """Complete a charge after its cardholder was challenged.

        Raises
        ------
        OmiseError
            ``not_found``; ``invalid_charge`` or ``expired_charge``: nothing waits for an answer.
        """
        charge = self.by_authorize_id(authorize_id)
        failure_code = failure_of_challenge(charge, passed=passed)
        if failure_code is not None:
            return self.fail(charge.id, failure_code)
        return self.pay(charge.id)

    def pay(self, identifier: str) -> Charge:
        """Let the payer of a pending charge pay.

        Raises
        ------
        OmiseError
            ``not_found``; ``invalid_charge`` or ``expired_charge``: it is not waiting for payment.
        """
        now = self._clock.now()
        return self.change(identifier, "charge.complete", lambda it: lifecycle.approve(it, now))

    def fail(self, identifier: str, failure_code: str) -> Charge:
        """Let the payment of a pending charge fail.

        Raises
        ------
        OmiseError
            ``not_found``; ``invalid_charge`` or ``expired_charge``: it is not waiting for payment;
            ``bad_request``: there is no such failure code.
        """
        if failure_code not in FAILURE_MESSAGES:
            raise OmiseError("bad_request", "failure_code is invalid")
        return self.change(
            identifier, "charge.complete", lambda it: lifecycle.decline(it, failure_code)
        )

    def by_authorize_id(self, authorize_id: str) -> Charge:
        """Return the charge whose cardholder is challenged on a page.

        Raises
        ------
        OmiseError
            ``not_found``.
        """
        found, _ = self._archive.charges.select(Window(limit=1), authorize_id=authorize_id)
        if not found:
            raise not_found("payment", authorize_id)
        return self.retrieve(found[0].id)

    def expire_due(self) -> None:
        """Expire the charges whose time is over, a bounded number of them."""
        due, _ = self._archive.charges.select(
            Window(limit=_EXPIRED_AT_ONCE), status="pending", expires_at=AtMost(self._clock.now())
        )
        for charge in due:
            self._expire(charge)

    def _expire(self, charge: Charge) -> Charge:
        expired = lifecycle.expire(charge, self._clock.now())
        self._keep("charge.expire", expired)
        return expired

    def _keep(self, key: EventKey, charge: Charge) -> None:
        with self._archive.transaction():
            self._archive.charges.put(charge)
            self._events.record(key, charge, self._documents.charge(charge))
