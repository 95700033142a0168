"""What the saved query about a purchase finds in the logs of the deployed stack."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from infra.observability.saved_queries import FIELDS
from local.aws import Aws
from local.trace import function_of
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
Lines = dict[str, list[dict[str, Any]]]
# Told only where something went wrong.
OF_TROUBLE = {"reason", "error", "error_code"}


def lines_about(user: Session, purchase_id: str) -> Lines:
    """Do what the query's filter does: by function, the lines whose `purchase_id` it is."""
    logs = Aws(user.stack.aws_endpoint_url).logs
    found: Lines = defaultdict(list)
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for name in (group["logGroupName"] for group in groups["logGroups"]):
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                for message in (event["message"] for event in page["events"]):
                    if f'"purchase_id":"{purchase_id}"' in message:
                        found[function_of(name)].append(json.loads(message))
    return found


def test_one_query_answers_what_happened_to_a_purchase(user: Session) -> None:
    """From the order to the credits, by its id alone, in every field that the query shows."""
    purchase = user.buy_credits("starter")

    found: Lines = {}

    def read() -> dict[str, Any]:
        found.update(lines_about(user, purchase["id"]))
        return dict(found)

    functions = {"BillingPurchase", "BillingDispatch", "BillingSaga", "BillingWebhook"}
    user.until(read, lambda lines: functions <= set(lines))

    (request,) = found["BillingPurchase"]
    assert (request["route"], request["user_id"]) == ("POST /v1/purchases", user.user_id)
    everything = [line for lines in found.values() for line in lines]
    assert {line["correlation_id"] for line in everything} >= {request["correlation_id"]}
    ends = [line for line in everything if line["message"] == "purchase ended"]
    assert [line["status"] for line in ends] == ["completed"]
    assert set(FIELDS) - OF_TROUBLE <= {field for line in everything for field in line}
