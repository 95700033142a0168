"""The functions as Lambda calls them, with the events of `events/`."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from billing.adapters.purchase_store import PurchaseChangedError
from billing.domain.step_outcome import StepOutcome
from billing.purchase.buying import Buying, ReturnHosts
from billing.webhook.receiving import Receiving
from kernel.errors import TemporarilyUnavailableError
from kernel.http import api_handler
from tests.unit.billing.purchases.test_receiving import FakeSecrets
from tests.unit.billing.purchases.test_webhook_signature import OLD
from tests.unit.billing.purchases.world import GROWTH, World, a_purchase, lost

EVENTS = Path(__file__).parents[4] / "events"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "ap-southeast-1",
    "STAGE": "local",
    "BILLING_TABLE_NAME": "Billing",
    "OMISE_SECRET_ARN": "omise",
    "WEBHOOK_SIGNATURES": "required",
    "PAYMENT_EXPIRY_SECONDS": "90",
    "PURCHASE_STATE_MACHINE_ARN": "machine",
    "RETURN_URI_HOSTS": "example.com",
    "RETURN_URI_INSECURE_HOSTS": "-",
}

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set what the functions are told."""
    with monkeypatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


def module(function: str) -> ModuleType:
    """Return a function's handler module, as a cold start loads it."""
    return importlib.import_module(f"billing.{function}.handler")


def event(path: str) -> Json:
    """Return one of the events that lie beside the functions."""
    document: Json = json.loads((EVENTS / path).read_text(encoding="utf-8"))
    return document


def bought(world: World, request: Json) -> tuple[Json, Json]:
    """Return answer and body of `POST /v1/purchases`."""
    buying = Buying(
        {"starter": GROWTH, "growth": GROWTH}, world.purchases, ReturnHosts(("example.com",), ())
    )
    handler = api_handler({"POST /v1/purchases": module("purchase").endpoint(buying)})
    answer = handler(request, None)
    return answer, json.loads(answer["body"])


def told(world: World, request: Json) -> Json:
    """Return the answer of the webhook."""
    receiving = Receiving(
        FakeSecrets(OLD), world.omise, world.purchases, world.settlement, world.signal
    )
    endpoint = module("webhook").endpoint(receiving)
    return api_handler({"POST /v1/webhooks/omise": endpoint})(request, None)


@pytest.mark.parametrize("name", ["promptpay", "card"])
def test_a_purchase_without_a_charge_yet_is_202(world: World, name: str) -> None:
    """The client asked not to wait."""
    answer, purchase = bought(world, event(f"billing_purchase/{name}.json"))
    assert answer["statusCode"] == 202
    assert answer["headers"]["Location"] == f"/v1/purchases/{purchase['id']}"
    assert "Idempotent-Replayed" not in answer["headers"]
    assert purchase["payment_method"] == {"type": name}


def test_i02_a_replay_says_so_and_has_the_status_of_now(world: World) -> None:
    """With a charge it is 201."""
    request = event("billing_purchase/promptpay.json")
    _, purchase = bought(world, request)
    world.charging.create_charge(purchase["id"], world.purchases.rows[purchase["id"]].created_at)
    answer, again = bought(world, request)
    assert answer["statusCode"] == 201
    assert answer["headers"]["Idempotent-Replayed"] == "true"
    assert again["payment"]["qr_code_uri"] == "https://example.com/qr"


def test_i01_a_missing_key_is_refused(world: World) -> None:
    """Nothing is stored."""
    request = event("billing_purchase/promptpay.json")
    del request["headers"]["Idempotency-Key"]
    answer, problem = bought(world, request)
    assert (answer["statusCode"], problem["code"]) == (400, "idempotency_key_missing")
    assert world.purchases.rows == {}


def test_d01_a_card_number_is_refused_and_not_logged(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in the answer nor in any log line."""
    number = "4242" * 4
    request = event("billing_purchase/promptpay.json")
    request["body"] = json.dumps({"package_id": number})
    answer, problem = bought(world, request)
    assert (answer["statusCode"], problem["code"]) == (422, "card_data_refused")
    captured = capsys.readouterr()
    assert number not in answer["body"] + captured.out + captured.err


def test_p03_without_a_confirmed_user_nobody_buys(world: World) -> None:
    """The body cannot name one."""
    request = event("billing_purchase/promptpay.json")
    del request["requestContext"]["authorizer"]
    answer, _ = bought(world, request)
    assert answer["statusCode"] == 401


def test_an_unknown_package_is_404(world: World) -> None:
    """It is not on sale."""
    request = event("billing_purchase/promptpay.json")
    request["body"] = request["body"].replace("starter", "gone")
    answer, problem = bought(world, request)
    assert (answer["statusCode"], problem["code"]) == (404, "package_not_found")


def test_w02_a_rejected_notice_is_a_security_event_without_payload(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reason and address are logged and counted; what was sent is not."""
    answer = told(world, event("billing_webhook/charge_complete.json"))
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["code"]) == (401, "webhook_rejected")
    assert "timestamp_stale" not in answer["body"]
    logged = capsys.readouterr().out
    assert '"reason":"timestamp_stale"' in logged
    assert '"WebhookRejected"' in logged
    assert "chrg_test" not in logged


def test_w06_a_base64_body_is_verified_as_the_bytes_it_stands_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API Gateway encodes bodies that it takes for binary."""
    seen: list[bytes] = []
    receiving = Receiving(
        FakeSecrets(OLD), world.omise, world.purchases, world.settlement, world.signal
    )
    monkeypatch.setattr(receiving, "receive", lambda raw, *_: seen.append(raw))
    request = event("billing_webhook/charge_complete.json")
    request |= {"body": "eyJhIjog/30=", "isBase64Encoded": True}
    endpoint = module("webhook").endpoint(receiving)
    answer = api_handler({"POST /v1/webhooks/omise": endpoint})(request, None)
    assert seen == [b'{"a": \xff}']
    assert json.loads(answer["body"]) == {"received": True}


def test_a_step_answers_with_its_outcome() -> None:
    """What choices of the state machine are about."""
    saga = module("saga")
    handler = saga.step_handler({"reconcile": lambda _: StepOutcome.PENDING})
    assert handler(event("billing_saga/reconcile.json"), None) == {"outcome": "pending"}


def test_waiting_for_a_payment_has_no_outcome_of_its_own() -> None:
    """The token is answered later."""
    saga = module("saga")
    handler = saga.step_handler({"await_payment": lambda _: None})
    assert handler(event("billing_saga/await_payment.json"), None) == {}


@pytest.mark.parametrize("error", [lost(), PurchaseChangedError(a_purchase())])
def test_what_may_go_well_next_time_leaves_under_one_name(error: Exception) -> None:
    """Step Functions retries by the class's name, and knows no inheritance."""

    def step(_: object) -> StepOutcome:
        raise error

    handler = module("saga").step_handler({"settle": step})
    with pytest.raises(TemporarilyUnavailableError) as raised:
        handler(event("billing_saga/settle.json"), None)
    assert type(raised.value) is TemporarilyUnavailableError


def test_every_step_has_an_event_and_is_wired() -> None:
    """The table in the module's docstring, the wiring and the events agree."""
    saga = module("saga")
    wired = saga.steps(saga.Settings("Billing", "omise", 90))
    events = {path.stem for path in (EVENTS / "billing_saga").glob("*.json")}
    assert set(wired) == events
    assert all(f"`{name}`" in (saga.__doc__ or "") for name in wired)


def test_w10_a_notice_that_timed_out_has_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever raised the time-out, Omise gets a 503 and not a 500."""
    receiving = Receiving(
        FakeSecrets(OLD), world.omise, world.purchases, world.settlement, world.signal
    )

    def stalled(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(receiving, "receive", stalled)
    endpoint = module("webhook").endpoint(receiving)
    request = event("billing_webhook/charge_complete.json")
    answer = api_handler({"POST /v1/webhooks/omise": endpoint})(request, None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (
        503,
        "temporarily_unavailable",
    )
