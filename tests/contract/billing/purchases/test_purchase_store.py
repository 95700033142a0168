"""Purchases in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.adapters.ledger_store import LedgerStore
from billing.adapters.purchase_store import PurchaseChangedError, PurchaseStore
from billing.adapters.purchase_store_items import from_item, to_item
from billing.domain.charge import ChargeStatus, Dispute, DisputeStatus
from billing.domain.purchase import Purchase
from billing.domain.purchase_parts import Failure, PurchaseStatus, Refund, RefundState, Source
from billing.settlement import Settlement
from kernel import dynamodb
from kernel.dynamodb import marshal, unmarshal
from kernel.errors import TemporarilyUnavailableError
from kernel.ids import derived_id
from kernel.pagination import InvalidCursorError, Page
from tests.unit.billing.purchases.world import (
    CARD,
    NOW,
    PURCHASE,
    USER,
    WINDOW,
    a_charge,
    a_purchase,
)

OPENED = a_purchase(CARD)
STARTED = OPENED.attempt_started(NOW)
CHARGED = STARTED.with_charge(a_charge(authorize_uri="https://example.com/3ds"), NOW + WINDOW, NOW)
FAILURE = Failure("insufficient_fund", "no money")
REFUND = Refund("request-1", 4_490, 55, "someone@example.com", "too many", NOW)
REALISTIC: dict[str, object] = {
    "id": "chrg_test_5fzbq8ikm0nyqsxwqx2",
    "qr_code_uri": "https://api.omise.co/charges/chrg_test_5fzbq8ikm0nyqsxwqx2/documents/"
    "docu_test_5fzbq8jkd0k2ev0m1ke/downloads/0123456789ABCDEF",
}
ONE_WRITE_UNIT_BYTES = 1024


def size_of(item: dict[str, object]) -> int:
    """Measure an item as DynamoDB's documentation does."""
    return sum(len(name) + _bytes(value) for name, value in item.items())


def _bytes(value: object) -> int:
    if isinstance(value, list):
        return 3 + sum(1 + _bytes(child) for child in value)
    if isinstance(value, str | bytes):
        return len(value)
    return len(str(value)) // 2 + 2 if isinstance(value, int) else 1


@pytest.mark.parametrize(
    "purchase",
    [
        OPENED,
        STARTED,
        CHARGED,
        CHARGED.failed(FAILURE, Source.SAGA, NOW),
        CHARGED.withdrawn(FAILURE, NOW),
        replace(CHARGED.completed(Source.WEBHOOK, NOW).with_grants((3, 4)), refunded_amount=100),
        replace(OPENED, package=replace(OPENED.package, expires_after_days=None)),
        replace(CHARGED, dispute=Dispute("dspt_test_1", DisputeStatus.PENDING), clawed_back=55),
        replace(CHARGED, refunds=(REFUND, replace(REFUND, state=RefundState.REFUNDED))),
        CHARGED.with_refund(replace(REFUND, attempts=2, attempted_at=NOW), NOW),
    ],
)
def test_a_purchase_is_read_as_it_was_stored(purchase: Purchase) -> None:
    """In every state."""
    assert from_item(unmarshal(marshal(to_item(purchase)))) == purchase


def test_creating_and_settling_cost_one_unit_for_the_purchase() -> None:
    """Every item stays within a KB, so settling stays within six write units."""
    charge = a_charge(ChargeStatus.PENDING, **REALISTIC)
    charged = a_purchase().attempt_started(NOW).with_charge(charge, NOW + WINDOW, NOW)
    late = charged.expired(Source.RECONCILER, NOW).completed(Source.WEBHOOK, NOW)
    for purchase in (OPENED, charged, late.with_grants((1001, 1002))):
        assert size_of(to_item(purchase)) < ONE_WRITE_UNIT_BYTES


def test_i02_a_second_create_returns_what_is_there(table: str) -> None:
    """The item itself stands in the way."""
    store = PurchaseStore(table)
    assert store.create(OPENED) is OPENED
    saved = store.save(STARTED)
    assert store.create(OPENED) == saved


def test_a_stale_change_is_refused_with_what_is_there(table: str) -> None:
    """Of two changes of one version, one is stored."""
    store = PurchaseStore(table)
    store.create(OPENED)
    saved = store.save(STARTED)
    with pytest.raises(PurchaseChangedError) as refused:
        store.save(OPENED.expired(Source.WEBHOOK, NOW))
    assert refused.value.current == saved
    assert store.get(PURCHASE) == saved
    assert saved.version == 2


def test_what_was_never_stored_cannot_be_changed(table: str) -> None:
    """A change is no way to create."""
    with pytest.raises(LookupError):
        PurchaseStore(table).save(STARTED)


def test_the_token_lies_beside_the_purchase(table: str) -> None:
    """Both are read at once, and the newest token counts."""
    store = PurchaseStore(table)
    assert store.waiting(PURCHASE) is None
    store.create(OPENED)
    before = store.waiting(PURCHASE)
    assert before is not None
    assert before.task_token is None
    for token in ("token-1", "token-2"):
        store.put_task_token(PURCHASE, token)
    after = store.waiting(PURCHASE)
    assert after is not None
    assert (after.purchase, after.task_token) == (OPENED, "token-2")


def test_a_token_without_a_purchase_is_no_purchase(table: str) -> None:
    """Nothing waits."""
    store = PurchaseStore(table)
    store.put_task_token(PURCHASE, "token-1")
    assert store.waiting(PURCHASE) is None
    assert store.get(PURCHASE) is None


def filled(table: str, count: int) -> PurchaseStore:
    """Store some purchases, a second apart."""
    store = PurchaseStore(table)
    for number in range(count):
        at = NOW + timedelta(seconds=number)
        store.create(
            replace(OPENED, id=derived_id("pur", str(number)), created_at=at, updated_at=at)
        )
    return store


def test_a_list_is_newest_first_and_goes_on_where_it_stopped(table: str) -> None:
    """Pages meet without gap or overlap, and the last one says so."""
    store = filled(table, 7)
    first = store.list_by_user(USER, Page(3, None))
    second = store.list_by_user(USER, Page(3, first.position))
    third = store.list_by_user(USER, Page(3, second.position))
    ids = [p.id for page in (first, second, third) for p in page.purchases]
    assert ids == [derived_id("pur", str(number)) for number in range(6, -1, -1)]
    assert third.position is None


def test_a_full_last_page_ends_the_list(table: str) -> None:
    """No empty page follows."""
    assert filled(table, 3).list_by_user(USER, Page(3, None)).position is None


def test_a_list_of_nothing_is_empty(table: str) -> None:
    """And ends."""
    page = PurchaseStore(table).list_by_user(USER, Page(3, None))
    assert (page.purchases, page.position) == ((), None)


def test_a_list_is_the_user_s_own(table: str) -> None:
    """Whatever the position says."""
    store = filled(table, 2)
    other = store.list_by_user("usr_00000000000000000000000002", Page(3, None))
    assert other.purchases == ()


def test_a_list_that_dynamodb_does_not_finish_is_asked_for_again(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never shown with gaps, and never waited for without end."""
    store = filled(table, 1)

    def unprocessed(**request: object) -> dict[str, object]:
        return {"Responses": {table: []}, "UnprocessedKeys": request["RequestItems"]}

    monkeypatch.setattr(dynamodb.client(), "batch_get_item", unprocessed)
    with pytest.raises(TemporarilyUnavailableError):
        store.list_by_user(USER, Page(3, None))


@pytest.mark.parametrize("purchase_id", ["", "pur_1", "run_00000000000000000000000001", "x" * 4000])
def test_what_is_no_id_is_not_looked_for(
    table: str, monkeypatch: pytest.MonkeyPatch, purchase_id: str
) -> None:
    """DynamoDB refuses keys over 2,048 bytes, which would look like an error of ours."""
    monkeypatch.setattr(dynamodb.client(), "get_item", None)
    assert PurchaseStore(table).get(purchase_id) is None


@pytest.mark.parametrize("position", [{}, {"listed_at": "x"}, {"listed_at": "x#run_1"}])
def test_a_position_of_another_list_is_refused(table: str, position: dict[str, str]) -> None:
    """It is no key of a purchase."""
    with pytest.raises(InvalidCursorError):
        PurchaseStore(table).list_by_user(USER, Page(3, position))


def test_settling_is_one_transaction_with_the_ledger(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two entries and the purchase, in one call after the reads; a repeat writes nothing."""
    store, ledger = PurchaseStore(table), LedgerStore(table)
    store.create(a_purchase())
    charged = store.save(
        store.save(a_purchase().attempt_started(NOW)).with_charge(a_charge(), NOW + WINDOW, NOW)
    )
    settlement = Settlement(ledger, store)
    account = settlement.account_of(USER)
    account.result(10)
    calls: list[str] = []
    client = dynamodb.client()
    call = client.call

    def recorded(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        calls.append(operation)
        return call(operation, request)

    monkeypatch.setattr(client, "call", recorded)

    paid = a_charge(ChargeStatus.SUCCESSFUL)
    settled = settlement.settle(
        charged, paid, livemode=False, source=Source.WEBHOOK, now=NOW, account=account
    )

    assert calls == ["TransactWriteItems"]
    stored = store.get(PURCHASE)
    assert stored is not None
    assert stored.status is settled.status is PurchaseStatus.COMPLETED
    assert stored.grant_nos == settled.grant_nos == (1, 2)
    assert ledger.account(USER).balance == 550
    calls.clear()
    settlement.settle(stored, paid, livemode=False, source=Source.WEBHOOK, now=NOW)
    assert calls == []


def test_settling_a_stale_purchase_credits_once(table: str) -> None:
    """The transaction is refused, and what is there decides."""
    store, ledger = PurchaseStore(table), LedgerStore(table)
    store.create(OPENED)
    started = store.save(STARTED)
    settlement = Settlement(ledger, store)
    paid = a_charge(ChargeStatus.SUCCESSFUL)
    for _ in range(3):
        settled = settlement.settle(started, paid, livemode=False, source=Source.WEBHOOK, now=NOW)
        assert settled.status is PurchaseStatus.COMPLETED
    assert ledger.account(USER).balance == 550


def test_a_stranger_s_item_in_the_table_is_left_alone(table: str) -> None:
    """The token's item is no purchase of any list."""
    store = filled(table, 1)
    store.put_task_token(derived_id("pur", "0"), "token")
    items = dynamodb.client().scan(TableName=table)["Items"]
    assert len(items) == 2
    assert len(store.list_by_user(USER, Page(10, None)).purchases) == 1
