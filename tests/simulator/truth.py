"""What must be true of the stored credits, whatever happened: read from the tables themselves.

The audit (L01, L02, L13, L14) is the product's own. Beside it stands what only somebody can know
who sees runs, purchases and Omise as well: each effect once, none without its cause (L04, L05,
L09), and no credit without money.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from billing.adapters import purchase_store_items
from billing.audit.auditing import audit
from billing.domain.charge import Charge
from billing.domain.entry import Entry, EntryType
from billing.domain.purchase import Purchase
from billing.domain.returned_money import credits_for
from kernel import dynamodb
from tests.simulator.engine import Engine
from workflows.adapters.items import run_of
from workflows.domain.run import Run, RunStatus

_OF_A_RUN = {EntryType.SPEND, EntryType.SPEND_REFUND}
_OF_A_PURCHASE = {EntryType.PURCHASE, EntryType.BONUS}
_MAX_PAGES = 10_000


class CreditsWrongError(AssertionError):
    """Credits were lost, invented or counted twice."""


@dataclass
class Truth:
    """Everything that is stored, and what Omise knows."""

    engine: Engine
    runs: dict[str, Run] = field(default_factory=dict)
    purchases: dict[str, Purchase] = field(default_factory=dict)
    ledgers: dict[str, list[Entry]] = field(default_factory=dict)

    @property
    def entry_count(self) -> int:
        """The number of ledger entries."""
        return sum(map(len, self.ledgers.values()))

    def verify(self) -> None:
        """Check it all.

        Raises
        ------
        CreditsWrongError
            Naming the first thing that is wrong.
        """
        self._verify_ledgers()
        by_cause: dict[str, list[Entry]] = defaultdict(list)
        for entry in (e for ledger in self.ledgers.values() for e in ledger):
            by_cause[entry.cause.id].append(entry)
            self._verify_cause(entry)
        for run in self.runs.values():
            _verify_run(run, by_cause[run.id])
        for purchase in self.purchases.values():
            charges = self.engine.omise.of_purchase(purchase.id)
            _verify_purchase(purchase, by_cause[purchase.id], charges)
        self._verify_taken_back()

    def verify_settled(self) -> None:
        """Check that nothing is left open once everything had the time to come to its end."""
        for purchase in self.purchases.values():
            charges = self.engine.omise.of_purchase(purchase.id)
            is_owed = any(c.is_paid and not c.is_returned for c in charges)
            expect(purchase.is_credited or not is_owed, f"{purchase.id} is paid, but not credited")
            due = sum(credits_for(purchase, c.refunded_amount) for c in charges if c.is_paid)
            taken = purchase.clawed_back
            expect(not purchase.is_credited or taken >= due, f"{purchase.id} keeps what it lost")
        for run in self.runs.values():
            expect(run.is_settled, f"{run.id} is still {run.status}")

    def _verify_ledgers(self) -> None:
        report = audit(self.engine.walk, self.ledgers)
        expect(not report.findings, f"the audit found {report.findings[:3]}")
        for user_id, entries in self.ledgers.items():
            balance = sum(entry.amount for entry in entries)
            expect(balance == entries[-1].after.balance, f"{user_id} does not add up")
            expect(balance >= 0, f"{user_id} is overdrawn")

    def _verify_taken_back(self) -> None:
        """Compare what the ledgers took back for each purchase with what it says itself."""
        taken: Counter[str] = Counter()
        for entries in self.ledgers.values():
            debt = 0
            for entry in entries:
                if entry.type is EntryType.CLAWBACK:
                    taken[entry.cause.id] += entry.after.debt - debt - entry.amount
                if entry.type is EntryType.CAPTURE:
                    taken[entry.cause.id] -= sum(part.amount for part in entry.movements)
                debt = entry.after.debt
        for purchase in self.purchases.values():
            agrees = taken[purchase.id] == purchase.clawed_back
            expect(agrees, f"{purchase.id} lost {taken[purchase.id]}, not {purchase.clawed_back}")

    def _verify_cause(self, entry: Entry) -> None:
        if entry.type in _OF_A_RUN:
            expect(entry.cause.id in self.runs, f"{entry.cause.id} was paid for, but is no run")
        if entry.type in _OF_A_PURCHASE:
            expect(entry.cause.id in self.purchases, f"{entry.cause.id} brought credits, unbought")


def truth_of(engine: Engine) -> Truth:
    """Read everything that is stored."""
    truth = Truth(engine)
    for item in _items(engine.tables.workflows):
        if item["sk"] == "RUN":
            truth.runs[item["id"]] = run_of(item)
    users = set()
    for item in _items(engine.tables.billing):
        if item["sk"] == purchase_store_items.PURCHASE:
            purchase = purchase_store_items.from_item(item)
            truth.purchases[purchase.id] = purchase
        elif item["pk"].startswith("LEDGER#"):
            users.add(item["pk"].removeprefix("LEDGER#"))
    for user_id in sorted(users):
        truth.ledgers[user_id] = list(engine.walk.history(user_id))
    return truth


def _items(table: str) -> Iterator[dynamodb.Item]:
    request: dict[str, object] = {"TableName": table, "ConsistentRead": True}
    for _ in range(_MAX_PAGES):
        page: Mapping[str, object] = dynamodb.client().scan(**request)
        yield from map(dynamodb.unmarshal, page["Items"])  # type: ignore[call-overload]  # a list
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    raise AssertionError(f"{table} does not end")


def _verify_run(run: Run, entries: list[Entry]) -> None:
    """One debit of the run's price, and its give-back if and only if the run failed."""
    cost = run.order.credit_cost
    moved = Counter((entry.type, entry.amount) for entry in entries if entry.type in _OF_A_RUN)
    expected = Counter({(EntryType.SPEND, -cost): 1})
    if run.status is RunStatus.FAILED:
        expected[(EntryType.SPEND_REFUND, cost)] = 1
    expect(moved == expected, f"{run.id}, {run.status}, moved {dict(moved)}")
    (spend,) = (entry for entry in entries if entry.type is EntryType.SPEND)
    stored = (run.debit_entry_no, run.balance_after)
    expect((spend.entry_no, spend.after.balance) == stored, f"{run.id} names another debit")


def _verify_purchase(purchase: Purchase, entries: list[Entry], charges: list[Charge]) -> None:
    """Its credits once if it is completed, which needs money; nothing otherwise."""
    arrived = Counter((e.type, e.amount) for e in entries if e.type in _OF_A_PURCHASE)
    expected: Counter[tuple[EntryType, int]] = Counter()
    if purchase.is_credited:
        expected[(EntryType.PURCHASE, purchase.package.credits)] = 1
        if purchase.package.bonus_credits:
            expected[(EntryType.BONUS, purchase.package.bonus_credits)] = 1
        expect(any(c.is_paid for c in charges), f"{purchase.id} was credited without money")
    expect(arrived == expected, f"{purchase.id}, {purchase.status}, brought {dict(arrived)}")
    expect(len(charges) <= 1, f"{purchase.id} was charged {len(charges)} times")


def expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # a verdict
    """Insist on something.

    Raises
    ------
    CreditsWrongError
        If it does not hold.
    """
    if not holds:
        raise CreditsWrongError(otherwise)
