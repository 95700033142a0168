"""The reconciliation with DynamoDB's index, Omise's lists, and reports in S3."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from billing.adapters.ledger_store import LedgerStore
from billing.adapters.omise_charges import OmiseCharges
from billing.adapters.purchase_store import PurchaseStore
from billing.adapters.report_store import ReportStore
from billing.domain.charge import Card
from billing.reconciliation.position import Phase, Position
from billing.reconciliation.reconciling import Reconciling
from billing.reconciliation.report import Report, part_document
from billing.settlement import Settlement
from kernel.clock import now
from kernel.errors import TemporarilyUnavailableError
from tests.contract.billing.purchases.test_whole_way import Engine, KnownSecrets
from tests.unit.billing.purchases.world import NOW, PURCHASE, USER, a_purchase
from tests.unit.omise_sandbox.running import Gateway

BUCKET = "reports"


@pytest.fixture
def reports(aws: None) -> ReportStore:  # noqa: ARG001  # AWS must be there first
    """Make a bucket."""
    boto3.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"}
    )
    return ReportStore(BUCKET)


def test_recent_purchases_are_found_part_by_part_without_the_ledgers(table: str) -> None:
    """Old ones are left out, and each new one comes once."""
    store = PurchaseStore(table)
    for number in range(12):
        name = f"pur_{number:026}"
        opened = NOW - timedelta(days=number)
        store.create(replace(a_purchase(), id=name, created_at=opened))
    boto3.client("dynamodb").put_item(
        TableName=table, Item={"pk": {"S": f"LEDGER#{USER}"}, "sk": {"S": "000000000001"}}
    )
    found, after = [], None
    for _ in range(12):
        page = store.opened_since(NOW - timedelta(days=7), after, limit=3)
        found += [purchase.id for purchase in page.purchases]
        after = page.position
        if after is None:
            break
    assert after is None
    assert sorted(found) == [f"pur_{number:026}" for number in range(8)]


def test_parts_and_reports_are_stored_and_read(reports: ReportStore) -> None:
    """A part that is stored again replaces itself."""
    for _ in range(2):
        reports.put_part("run", 1, part_document("charges", 3, []))
    reports.put_part("run", 2, part_document("returns", 0, []))
    position = Position.begin(NOW, 7)
    report = Report.of_parts(position, reports.parts("run", 2))
    key = reports.put_report("run", report.document(), report.markdown())
    s3 = boto3.client("s3")
    page = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    document = s3.get_object(Bucket=BUCKET, Key=key.replace(".md", ".json"))["Body"].read()
    assert "The books agree." in page
    assert json.loads(document)["checked"] == {"charges": 3, "returns": 0}


def test_a_report_that_cannot_be_stored_is_tried_again(aws: None) -> None:  # noqa: ARG001
    """There is no such bucket; the state machine repeats the part."""
    with pytest.raises(TemporarilyUnavailableError):
        ReportStore("elsewhere").put_part("run", 1, {})


def test_w12_what_no_webhook_told_is_healed_from_omises_lists(table: str, sandbox: Gateway) -> None:
    """A refund and a payment, both unheard of; the second walk finds nothing."""
    engine = Engine(table, sandbox)
    engine.open(Card(sandbox.token(), "https://example.com/back"))
    assert engine.charge() == "completed"
    sandbox.post(f"/charges/{engine.charge_id}/refunds", {"amount": 4_490})
    purchases = PurchaseStore(table)
    charges = OmiseCharges(KnownSecrets(sandbox.url).current)
    settlement = Settlement(LedgerStore(table), purchases)
    reconciling = Reconciling(purchases, charges, settlement, timedelta(0))

    def walk() -> list[tuple[str, bool]]:
        position, found = Position.begin(now() + timedelta(seconds=2), 7), []
        while position.phase is not Phase.REPORT:
            part = reconciling.part(position, now())
            found += [(one.kind.value, one.is_healed) for one in part.differences]
            position = part.following
        return found

    assert walk() == [("return_not_recorded", True)]
    assert walk() == []
    assert LedgerStore(table).account(USER).balance == 495
    found = purchases.get(PURCHASE)
    assert found is not None
    assert found.refunded_amount == 4_490
