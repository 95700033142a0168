"""A world to test purchases in: a table, a ledger and an Omise account, all in memory.

They keep the promises that the code relies on: a put is conditional on the version, the ledger's
transaction takes its companion with it or does nothing, and Omise has no idempotency keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from billing.adapters.ledger_store import (
    CompanionRefusedError,
    Companions,
    Decide,
    LedgerStore,
    TransactItem,
)
from billing.adapters.omise_charge_json import ChargePage
from billing.adapters.omise_charges import PAGE_SIZE, OmiseCharges
from billing.adapters.omise_errors import OmiseRefusalError, OmiseUnavailableError
from billing.adapters.omise_event_json import EventPage
from billing.adapters.purchase_store import (
    PurchaseChangedError,
    PurchasePage,
    PurchaseStore,
    Waiting,
)
from billing.adapters.purchase_store_items import to_item
from billing.domain.account import Account
from billing.domain.charge import (
    Card,
    Charge,
    ChargeOrder,
    ChargeStatus,
    Dispute,
    DisputeStatus,
)
from billing.domain.commands import Spend
from billing.domain.entry import Cause, Entry
from billing.domain.ledger import execute
from billing.domain.packages import Package
from billing.domain.purchase import Purchase
from billing.refund.refunding import Refunding
from billing.refund.reserving import Reserving
from billing.saga.awaiting import Awaiting
from billing.saga.charging import Charging
from billing.saga.compensation import Compensation
from billing.settlement import Settlement
from tests.inline import Inline

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
WINDOW = timedelta(hours=24)
USER = "usr_00000000000000000000000001"
PURCHASE = "pur_00000000000000000000000001"
GROWTH = Package("growth", "Growth", 500, 50, 44_900, "THB", 365)
CARD = Card("tokn_test_1", "https://example.com/back")


def a_purchase(card: Card | None = None) -> Purchase:
    """Return a purchase that was opened a moment ago."""
    return Purchase.opened(
        purchase_id=PURCHASE,
        user_id=USER,
        fingerprint="00" * 32,
        correlation_id="cor-1",
        package=GROWTH,
        card=card,
        now=NOW,
    )


def a_charge(status: ChargeStatus = ChargeStatus.PENDING, **differences: object) -> Charge:
    """Return the charge of that purchase; paid if it is successful."""
    charge = Charge(
        id="chrg_test_1",
        status=status,
        paid=status is ChargeStatus.SUCCESSFUL,
        amount=GROWTH.amount,
        currency="THB",
        livemode=False,
        created_at=NOW,
        metadata={"purchase_id": PURCHASE, "user_id": USER, "attempt": 1},
        qr_code_uri="https://example.com/qr",
    )
    return replace(charge, **differences)  # type: ignore[arg-type]  # the test names fields


class FakePurchases(PurchaseStore):
    """Purchases in memory."""

    def __init__(self) -> None:
        super().__init__("Billing")
        self.rows: dict[str, Purchase] = {}
        self.tokens: dict[str, str] = {}
        self.writes = 0
        self.reads = 0

    def create(self, purchase: Purchase) -> Purchase:
        """Store a new purchase, or return the one there is."""
        self.writes += purchase.id not in self.rows
        return self.rows.setdefault(purchase.id, purchase)

    def save(self, purchase: Purchase) -> Purchase:
        """Store a change on condition of the version."""
        return self.put(purchase)

    def put(self, purchase: Purchase) -> Purchase:
        """Store a change, also as a part of the ledger's transaction."""
        current = self.rows[purchase.id]
        if current.version != purchase.version:
            raise PurchaseChangedError(current)
        self.writes += 1
        self.rows[purchase.id] = replace(purchase, version=purchase.version + 1)
        return self.rows[purchase.id]

    def write_of(self, purchase: Purchase) -> TransactItem:
        """Return what the fake ledger's transaction understands."""
        return {"save": purchase}

    def get(self, purchase_id: str) -> Purchase | None:
        """Read a purchase."""
        self.reads += 1
        return self.rows.get(purchase_id)

    def waiting(self, purchase_id: str) -> Waiting | None:
        """Read a purchase and its token."""
        purchase = self.get(purchase_id)
        return Waiting(purchase, self.tokens.get(purchase_id)) if purchase else None

    def get_all(self, purchase_ids: Sequence[str]) -> tuple[Purchase, ...]:
        """Read purchases."""
        return tuple(self.rows[name] for name in purchase_ids if name in self.rows)

    def opened_since(
        self, since: datetime, after: Mapping[str, str] | None, limit: int
    ) -> PurchasePage:
        """List a part of the purchases, two at a time."""
        names = sorted(name for name in self.rows if name > (after or {"id": ""})["id"])[:2]
        assert limit >= len(names)
        new = [name for name in names if self.rows[name].created_at >= since]
        return PurchasePage(self.get_all(new), {"id": names[-1]} if len(names) == 2 else None)

    def put_task_token(self, purchase_id: str, token: str) -> None:
        """Store a token."""
        self.tokens[purchase_id] = token


class FakeLedger(LedgerStore):
    """One ledger in memory whose transaction is all or nothing."""

    def __init__(self, purchases: FakePurchases) -> None:
        super().__init__("Billing")
        self._purchases = purchases
        self.posted: list[Entry] = []

    def account(self, user_id: str) -> Account:
        """Return the account after its last entry."""
        return self.posted[-1].after if self.posted else Account(user_id)

    def commit(
        self,
        user_id: str,
        decide: Decide,
        companions: Companions,
        account: Account | None = None,  # noqa: ARG002  # the fake's own is always fresh
        attempts: int = 1,  # noqa: ARG002  # the first one succeeds
    ) -> Sequence[Entry]:
        """Append entries together with the purchase."""
        made = decide(self.account(user_id))
        for item in companions(made):
            try:
                self._purchases.put(item["save"])
            except PurchaseChangedError as change:
                raise CompanionRefusedError(to_item(change.current)) from None
        self.posted += made
        return made

    @property
    def balance(self) -> int:
        """The user's credits."""
        return self.posted[-1].after.balance if self.posted else 0


class FakeOmise(OmiseCharges):
    """An Omise account in memory, with calls that can be made to fail."""

    def __init__(self) -> None:
        self.charges: dict[str, Charge] = {}
        self.used_tokens: set[str] = set()
        self.created_status = ChargeStatus.PENDING
        self.before: list[Exception] = []
        self.after: list[Exception] = []
        self.refunds: list[int] = []
        self.returned: list[str] = []
        self.hidden_looks = 0
        self.live = False

    @property
    def livemode(self) -> bool:
        """Whether the keys are for real money."""
        return self.live

    def create(self, order: ChargeOrder) -> Charge:
        """Make a charge; a queued error comes before or after it is made."""
        if self.before:
            raise self.before.pop(0)
        if order.card and order.card.token in self.used_tokens:
            raise OmiseRefusalError(422, "used_token", "token was already used")
        self.used_tokens |= {order.card.token} if order.card else set()
        charge = a_charge(
            self.created_status,
            id=f"chrg_test_{len(self.charges) + 1}",
            amount=order.amount,
            currency=order.currency,
            metadata=order.metadata,
            failure_code="insufficient_fund" if self.created_status == "failed" else None,
            failure_message="no money" if self.created_status == "failed" else None,
        )
        self.charges[charge.id] = charge
        if self.after:
            raise self.after.pop(0)
        return charge

    def get(self, charge_id: str) -> Charge:
        """Fetch a charge."""
        if charge_id not in self.charges:
            raise OmiseRefusalError(404, "not_found", "charge was not found")
        return self.charges[charge_id]

    def find(self, purchase_id: str, since: datetime, until: datetime) -> list[Charge]:
        """List a purchase's charges, unless they do not show up yet."""
        assert since < until
        if self.hidden_looks > 0:
            self.hidden_looks -= 1
            return []
        return [c for c in self.charges.values() if c.metadata["purchase_id"] == purchase_id]

    def expire(self, charge_id: str) -> None:
        """Expire a pending charge."""
        if self.charges[charge_id].status is not ChargeStatus.PENDING:
            raise OmiseRefusalError(400, "invalid_charge", "charge is not pending")
        self.becomes(charge_id, ChargeStatus.EXPIRED)

    def refund(
        self, charge_id: str, amount: int, purchase_id: str, request_id: str | None = None
    ) -> None:
        """Give money back, never more than there is; a queued error comes before or after."""
        if self.before:
            raise self.before.pop(0)
        charge = self.charges[charge_id]
        assert purchase_id == PURCHASE
        if charge.refunded_amount + amount > charge.amount:
            raise OmiseRefusalError(422, "failed_refund", "amount is greater than refundable")
        self.charges[charge_id] = replace(
            charge,
            refunded_amount=charge.refunded_amount + amount,
            refund_requests=charge.refund_requests | ({request_id} if request_id else set()),
        )
        self.refunds.append(amount)
        if self.after:
            raise self.after.pop(0)

    def refund_requests(self, charge_id: str) -> frozenset[str]:
        """List the request ids of a charge's refunds, unless they do not show up yet."""
        if self.hidden_looks > 0:
            self.hidden_looks -= 1
            return frozenset()
        return self.get(charge_id).refund_requests

    def disputed(self, status: DisputeStatus, charge_id: str = "chrg_test_1") -> None:
        """Let a dispute come to a state."""
        dispute = Dispute("dspt_test_1", status)
        self.charges[charge_id] = replace(self.charges[charge_id], dispute=dispute)

    def page(self, since: datetime, until: datetime, offset: int) -> ChargePage:
        """List charges, as many as a page has."""
        inside = [c for c in self.charges.values() if since <= c.created_at <= until]
        return ChargePage(tuple(inside[offset : offset + PAGE_SIZE]))

    def returned_page(self, since: datetime, until: datetime, offset: int) -> EventPage:
        """List the charges that events name."""
        assert since < until
        found = self.returned[offset : offset + PAGE_SIZE]
        return EventPage(len(found), tuple(dict.fromkeys(found)))

    def becomes(self, charge_id: str, status: ChargeStatus) -> None:
        """Let something happen to a charge."""
        paid = status is ChargeStatus.SUCCESSFUL
        self.charges[charge_id] = replace(self.charges[charge_id], status=status, paid=paid)

    def pays(self, charge_id: str = "chrg_test_1") -> None:
        """Let the buyer pay."""
        self.becomes(charge_id, ChargeStatus.SUCCESSFUL)


@dataclass
class World:
    """Everything a purchase lives in."""

    purchases: FakePurchases = field(default_factory=FakePurchases)
    omise: FakeOmise = field(default_factory=FakeOmise)
    signals: list[tuple[str, str]] = field(default_factory=list)
    settlement: Settlement = field(init=False)
    ledger: FakeLedger = field(init=False)

    def __post_init__(self) -> None:
        """Wire the use cases as the handlers do."""
        self.ledger = FakeLedger(self.purchases)
        self.settlement = Settlement(self.ledger, self.purchases, Inline())
        self.charging = Charging(self.purchases, self.omise, self.settlement, WINDOW)
        self.awaiting = Awaiting(self.purchases, self.omise, self.settlement, self.signal)
        self.compensation = Compensation(self.purchases, self.omise, self.settlement)
        self.reserving = Reserving(self.ledger, self.purchases, self.omise, self.settlement)
        self.refunding = Refunding(self.purchases, self.omise, self.settlement)

    @property
    def signal(self) -> Callable[[str, str], None]:
        """Collects the signals to sagas."""
        return lambda token, outcome: self.signals.append((token, outcome))

    def spend(self, credits: int) -> None:
        """Let the buyer run something."""
        command = Spend(credits, Cause("run", "run_1", "cor-2"))
        self.ledger.commit(USER, lambda account: execute(account, command, NOW), lambda _: [])

    @property
    def purchase(self) -> Purchase:
        """The one purchase as it is stored."""
        return self.purchases.rows[PURCHASE]

    def given(self, purchase: Purchase) -> World:
        """Put a purchase into the table."""
        self.purchases.rows[purchase.id] = purchase
        return self

    def given_completed(self, card: Card | None = CARD) -> World:
        """Put a purchase that was paid and credited."""
        self.given_charged(card)
        self.omise.pays()
        assert self.awaiting.reconcile(PURCHASE, NOW) == "completed"
        return self

    def given_charged(self, card: Card | None = None) -> World:
        """Put a purchase whose charge was made and waits to be paid."""
        self.given(a_purchase(card))
        assert self.charging.create_charge(PURCHASE, NOW) == "pending"
        return self


def lost() -> OmiseUnavailableError:
    """Return what an answer that never came looks like."""
    return OmiseUnavailableError("ReadTimeout")
