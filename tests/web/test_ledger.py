"""The ledger page: every entry in words, filtered, and as a file."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web.visitor import Visitor

MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def customer(visitor: Visitor) -> Visitor:
    """Somebody who bought with a bonus and ran something once, at the ledger."""
    session = visitor.session
    session.buy_credits("growth")
    workflow = session.engine.create_workflow("Visitors", "csv-summary", {"csv": "a\n1\n"})
    session.finished(session.engine.run(workflow["id"]))
    visitor.go("/ledger")
    return visitor


def test_an_entry_says_what_paid_and_what_is_left(customer: Visitor) -> None:
    """Given a run, when its entry is read, then the bonus paid it, and the balance follows."""
    row = customer.page.get_by_role("row", name=re.compile("Run"))

    expect(row).to_contain_text(f"{MINUS}10")
    expect(row).to_contain_text("540")
    expect(row).to_contain_text(f"Bonus of entry 2 {MINUS}10")


def test_a_filter_leaves_what_was_asked_for(customer: Visitor) -> None:
    """Given entries of three kinds, when one kind is chosen, then only that is there."""
    table = customer.page.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(4)

    customer.page.get_by_label("Kind").select_option("Bonus")

    expect(table.get_by_role("row")).to_have_count(2)


def test_a_filter_that_fits_nothing_says_so(customer: Visitor) -> None:
    """Given entries of today, when last century is asked for, then a hint stands there."""
    customer.page.get_by_label("To", exact=True).fill("1999-12-31")

    expect(customer.page.get_by_role("main")).to_contain_text("No entry matches this filter.")


def test_the_file_has_every_entry(customer: Visitor, tmp_path: Path) -> None:
    """Given a ledger, when it is exported, then the file has what the API has."""
    with customer.page.expect_download() as download:
        customer.button("Export CSV").click()
    file = tmp_path / "ledger.csv"
    download.value.save_as(file)

    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    entries = customer.session.engine.ledger()
    assert [(int(r["entry_no"]), int(r["amount"]), r["id"]) for r in rows] == [
        (e["entry_no"], e["amount"], e["id"]) for e in entries
    ]
    assert re.fullmatch(r"ledger-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
