"""Billing's purchase saga as it is deployed, around one table, one sandbox and one virtual clock.

The definition is the synthesized one, the steps and the webhook run the functions' own code, Omise
is the sandbox with its faults and signed webhooks, DynamoDB is moto. Only time is made up.
"""

from __future__ import annotations

import base64
import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from unittest import mock

from billing.adapters import omise_request
from billing.adapters.ledger_store import LedgerStore
from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.purchase_store_items import ids_of_image
from billing.adapters.secrets import OmiseSecretReader, OmiseSecrets
from billing.domain.charge import Card
from billing.domain.purchase import Purchase
from billing.domain.webhook_signature import WebhookRejectedError
from billing.saga.awaiting import Awaiting
from billing.saga.charging import Charging
from billing.saga.compensation import Compensation
from billing.settlement import Settlement
from billing.webhook.receiving import Receiving
from kernel import dynamodb
from kernel.errors import TemporarilyUnavailableError
from kernel.sagas.outbox import dispatcher
from tests.faults.asl import Execution, Json, StepError, Surroundings
from tests.faults.sabotage import KilledError, Sabotage
from tests.infra.states import StateMachine, machine
from tests.infra.synthesis import synthesised
from tests.inline import Inline
from tests.moto_aws import aws_in_memory, create_table, delete_table
from tests.patience import read_seconds
from tests.unit.billing.purchases.world import GROWTH
from tests.unit.omise_sandbox.running import (
    SECRET_KEY,
    WEBHOOK_SECRET,
    Background,
    Gateway,
    ReceivedWebhook,
    serve_gateway,
)

TABLE = "Billing"
WINDOW = timedelta(seconds=90)
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "ap-southeast-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "BILLING_TABLE_NAME": TABLE,
    "OMISE_SECRET_ARN": "omise",
    "PAYMENT_EXPIRY_SECONDS": "90",
    "PURCHASE_STATE_MACHINE_ARN": "machine",
    "STAGE": "local",
    "WEBHOOK_SIGNATURES": "required",
}
_COUNTING = ("billing.settlement", "billing.saga.charging", "billing.saga.compensation")


class _Secrets(OmiseSecretReader):
    def __init__(self, url: str) -> None:
        self._known = OmiseSecrets(f"{url}/", SECRET_KEY, (base64.b64decode(WEBHOOK_SECRET),))

    def current(self) -> OmiseSecrets:
        return self._known

    def refreshed(self) -> OmiseSecrets:
        return self._known


class _Charges(OmiseCharges):
    """Omise's charges, with a saboteur in between."""

    def __init__(self, plant: Plant, secrets: OmiseSecretReader) -> None:
        super().__init__(secrets.current, sleep=lambda _: None)
        self._plant = plant

    def _send(self, method: str, path: str, payload: Any = None) -> Any:  # noqa: ANN401
        send = super()._send
        return self._plant.sabotage.call("omise", path, lambda: send(method, path, payload))


@dataclass(frozen=True)
class Settled:
    """What came of a purchase after everything was quiet.

    `paid_charges` counts those whose money was taken, `has_alarmed` tells whether somebody was
    called.
    """

    status: str
    balance: int
    charges: int
    paid_charges: int
    has_alarmed: bool

    @property
    def is_fair(self) -> bool:
        """Tell whether nobody lost anything, or somebody was called."""
        bought = self.status == "completed" and self.paid_charges == 1 and self.balance == TOTAL
        left = self.status in {"failed", "expired"} and not self.paid_charges and not self.balance
        return bought or left or (self.has_alarmed and self.balance in {0, TOTAL})

    @property
    def word(self) -> str:
        """Name the outcome in a word."""
        return f"{self.status}, alarm" if self.has_alarmed else self.status


TOTAL = GROWTH.credits + GROWTH.bonus_credits


class Plant:
    """Everything that a purchase runs through; one purchase at a time.

    Parameters
    ----------
    sandbox
        Omise.
    """

    def __init__(self, sandbox: Gateway) -> None:
        self.sandbox = sandbox
        self.sabotage = Sabotage()
        self.signals_are_refused = False
        self.before_step: Callable[[str], None] = lambda _: None
        self.after_step: Callable[[str], None] = lambda _: None
        self.while_waiting: Callable[[], None] = lambda: None
        self._offset = timedelta()
        self._answers: dict[str, str] = {}
        self._alarms: list[str] = []
        self._serial = 0
        self._definition: StateMachine = machine(synthesised("local"), "BillingPurchaseSaga")
        self.purchases, self.ledger = PurchaseStore(TABLE), LedgerStore(TABLE)
        self._wire()

    def _wire(self) -> None:
        secrets = _Secrets(self.sandbox.url)
        charges = _Charges(self, secrets)
        settlement = Settlement(self.ledger, self.purchases, Inline())
        self._saga: ModuleType = importlib.import_module("billing.saga.handler")
        self._step = self._saga.step_handler(
            self._saga.steps_of(
                Charging(self.purchases, charges, settlement, WINDOW),
                Awaiting(self.purchases, charges, settlement, self._signal),
                Compensation(self.purchases, charges, settlement),
            )
        )
        self._receiving = Receiving(secrets, charges, self.purchases, settlement, self._signal)

    @property
    def purchase_id(self) -> str:
        """The purchase that is under way."""
        return f"pur_{self._serial:026}"

    @property
    def user_id(self) -> str:
        """Its buyer."""
        return f"usr_{self._serial:026}"

    def now(self) -> datetime:
        """Tell the virtual time."""
        return datetime.now(UTC) + self._offset

    def wait(self, seconds: float) -> None:
        """Let time pass, here and at Omise."""
        self._offset += timedelta(seconds=seconds)
        self.sandbox.control("clock", {"advance_seconds": int(seconds)})

    def open(self, *, by_card: bool) -> None:
        """Store a new purchase of a new buyer, in a world without faults."""
        self._serial += 1
        self._answers.clear()
        self._alarms.clear()
        self.sabotage = Sabotage()
        self.signals_are_refused = False
        self.before_step = self.after_step = lambda _: None
        self.while_waiting = lambda: None
        self.heal_omise()
        self.sandbox.merchant.received.clear()
        delete_table(TABLE)
        create_table(TABLE, listed=False)
        card = Card(self.sandbox.token(), "https://example.com/back") if by_card else None
        self.purchases.create(
            Purchase.opened(
                purchase_id=self.purchase_id,
                user_id=self.user_id,
                fingerprint="00" * 32,
                correlation_id="cor-1",
                package=GROWTH,
                card=card,
                now=self.now(),
            )
        )

    def break_omise(self, fault: str, **settings: object) -> None:
        """Queue a fault at Omise, and wait briefly for answers that will not come."""
        omise_request._READ_SECONDS.update(read_seconds(fault))
        self.sandbox.fault(fault, "*", **settings)

    def heal_omise(self) -> None:
        """Take back all faults at Omise."""
        omise_request._READ_SECONDS.update(read_seconds())
        self.sandbox.control("faults", method="DELETE")

    def run(self) -> Settled:
        """Dispatch the purchase, run its saga to the end, and say what came of it."""
        started: list[str] = []
        record = {
            "dynamodb": {
                "SequenceNumber": "1",
                "NewImage": {"pk": {"S": f"PURCHASE#{self.purchase_id}"}, "cid": {"S": "cor-1"}},
            }
        }

        def start(purchase_id: str, _: str) -> bool:
            self.before_step("dispatch")
            started.append(purchase_id)
            return True

        while not started:  # as the stream delivers again what failed
            dispatcher("purchase_id", ids_of_image, start)({"Records": [record]}, None)
        around = Surroundings(self._invoke, self.wait, self._wait_for_answer)
        given = {"purchase_id": self.purchase_id, "correlation_id": "cor-1"}
        ended = Execution(self._definition, around).run(given)
        if ended != "SUCCEEDED":
            self._alarms.append(f"PurchaseSaga: {ended}")  # as the metrics of the machine do
        return self.settled()

    def settled(self) -> Settled:
        """Say how the purchase stands."""
        purchase = self.purchases.get(self.purchase_id)
        assert purchase is not None
        charges = self.charges()
        return Settled(
            purchase.status.value,
            self.ledger.account(self.user_id).balance,
            len(charges),
            sum(bool(charge["paid"]) for charge in charges),
            bool(self._alarms),
        )

    def charges(self) -> list[Json]:
        """List the charges at Omise that name the purchase."""
        listed: Any = self.sandbox.get("/charges?limit=100&order=reverse_chronological")["data"]
        return [c for c in listed if c["metadata"].get("purchase_id") == self.purchase_id]

    def pay(self) -> None:
        """Pay whatever can be paid."""
        for charge in self.charges():
            if charge["status"] == "pending":
                self.sandbox.post(f"/charges/{charge['id']}/mark_as_paid")

    def notices(self) -> list[ReceivedWebhook]:
        """Return all that Omise has sent about the purchase's charges, in its order."""
        # A card is charged as it is created; a QR code is paid later, and told apart.
        due = sum(2 if c["paid"] and c["source"] else 1 for c in self.charges())
        deadline = time.monotonic() + 5
        while len(self.sandbox.merchant.received) < due:
            assert time.monotonic() < deadline, "a notice did not come"
            time.sleep(0.005)
        return list(self.sandbox.merchant.received)

    def deliver(self, webhook: ReceivedWebhook) -> None:
        """Let a notice arrive; what goes wrong with it is Omise's to see, and ours to heal."""
        headers = {name.lower(): value for name, value in webhook.headers.items()}
        self.before_step("webhook")
        with suppress(TemporarilyUnavailableError, WebhookRejectedError, KilledError):
            # Its signature is of the real time.
            self._receiving.receive(webhook.body, headers, datetime.now(UTC))
        self.after_step("webhook")

    def _invoke(self, payload: Json) -> Json:
        try:
            self.before_step(payload["step"])
            return dict(self._step(payload, None))
        except KilledError:
            raise StepError("Lambda.Unknown", "exited") from None
        except Exception as error:
            raise StepError(type(error).__name__, str(error)) from error
        finally:
            self.after_step(payload["step"])

    def _wait_for_answer(self, token: str, seconds: float) -> Json | None:
        if token not in self._answers:
            self.while_waiting()
        if token not in self._answers:
            self.wait(seconds)
            return None
        return {"outcome": self._answers[token]}

    def _signal(self, token: str, outcome: str) -> None:
        if not self.signals_are_refused:
            self._answers[token] = str(outcome)

    def count(self, name: str, value: int = 1, **_: str) -> None:
        """Notice the metrics that an alarm listens to."""
        if name == "PurchaseStuck" and value:
            self._alarms.append(name)


@contextmanager
def running_plant() -> Iterator[Plant]:
    """Bring everything up, in this process."""
    with ExitStack() as stack:
        stack.enter_context(aws_in_memory(ENVIRONMENT))
        create_table(TABLE, listed=False)
        background = stack.enter_context(Background())
        plant = Plant(serve_gateway(background))
        for patch in _patches(plant):
            stack.enter_context(patch)
        _put_between(plant)
        yield plant


def _patches(plant: Plant) -> Iterator[Any]:
    """Make waits short, time virtual and alarms seen."""
    yield mock.patch.dict(omise_request._READ_SECONDS)
    yield mock.patch("kernel.clock.now", plant.now)
    yield mock.patch.object(plant.ledger, "_sleep")
    for module in _COUNTING:
        yield mock.patch(f"{module}.count", plant.count)


def _put_between(plant: Plant) -> None:
    """Let the saboteur see every call to DynamoDB."""
    client: Any = dynamodb.client()
    make = client.call

    def made(name: str, given: Json) -> Json:
        return dict(plant.sabotage.call("dynamodb", name, lambda: make(name, given)))

    client.call = made
