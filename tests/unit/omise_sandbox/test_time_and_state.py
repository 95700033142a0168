"""Expiry by the clock, and what survives a restart."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests
from aiohttp import test_utils

from local.omise_sandbox.clock import from_timestamp
from local.omise_sandbox.keys import AccountKeys
from local.omise_sandbox.sandbox import Sandbox, Settings
from local.omise_sandbox.store import Window
from tests.unit.omise_sandbox.running import (
    PUBLIC_KEY,
    SECRET_KEY,
    TIMEOUT_SECONDS,
    WEBHOOK_SECRET,
    Background,
    Gateway,
    serve_gateway,
)

REPOSITORY = Path(__file__).parents[3]


def test_a_charge_expires_when_its_time_is_over(gateway: Gateway) -> None:
    """Given the default time passed, then the charge is expired and an event tells it."""
    charge = gateway.promptpay_charge()

    gateway.control("clock", {"advance_seconds": 24 * 3600})

    expired = gateway.get(f"/charges/{charge['id']}")
    assert (expired["status"], expired["expired"], expired["paid"]) == ("expired", True, False)
    assert gateway.deliveries(2)[-1]["event_key"] == "charge.expire"


def test_a_charge_expires_at_the_time_it_was_given(gateway: Gateway) -> None:
    """Given ``expires_at``, then the charge can be paid until then and no longer."""
    now = gateway.control("health", method="GET").json()["now"]
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 3_600))
    charge = gateway.promptpay_charge(expires_at=until)
    assert charge["expires_at"] == until

    gateway.control("clock", {"advance_seconds": 3_000})
    assert gateway.get(f"/charges/{charge['id']}")["status"] == "pending"
    gateway.control("clock", {"advance_seconds": 600})
    path = f"/charges/{charge['id']}/mark_as_paid"
    assert gateway.refusal("POST", path) == (400, "expired_charge")


def test_a_charge_expires_while_nobody_looks(gateway: Gateway) -> None:
    """Given a charge that nobody reads, then its expiry is told by the sandbox itself."""
    now = gateway.control("health", method="GET").json()["now"]
    gateway.promptpay_charge(expires_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 1)))

    assert gateway.deliveries(2)[-1]["event_key"] == "charge.expire"


def test_a_charge_is_expired_for_the_first_who_reads_it() -> None:
    """Given a time that passed since the last sweep, then reading expires, and only once."""
    keys = AccountKeys(secret_key=SECRET_KEY, public_key=PUBLIC_KEY)
    sandbox = Sandbox(Settings(keys=keys, state=":memory:", webhook_url="", public_url=""))
    terms = {"amount": 2_000, "currency": "thb", "source": {"type": "promptpay"}}
    charge = sandbox.charges.create(dict(terms))

    sandbox.clock.advance(24 * 3600)

    assert sandbox.charges.retrieve(charge.id).status == "expired"
    sandbox.charges.expire_due()
    events, _ = sandbox.archive.events.select(Window(), charge_id=charge.id)
    sandbox.store.close()
    assert [event.key for event in events] == ["charge.create", "charge.expire"]


def test_a_paid_charge_does_not_expire(gateway: Gateway) -> None:
    """Given a paid charge, then time changes nothing."""
    charge = gateway.promptpay_charge()
    gateway.post(f"/charges/{charge['id']}/mark_as_paid")

    gateway.control("clock", {"advance_seconds": 30 * 24 * 3600})

    assert gateway.get(f"/charges/{charge['id']}")["status"] == "successful"


def test_wiping_forgets_everything(gateway: Gateway) -> None:
    """Given a wiped sandbox, then objects, faults, clock and settings are as at the start."""
    gateway.promptpay_charge()
    gateway.fault("error_before")
    gateway.control("clock", {"advance_seconds": 10_000})
    gateway.control("settings", {"three_d_secure": "always"}, "PUT")
    gateway.control("webhook_secret/rotate")

    assert gateway.control("state", method="DELETE").status_code == 204

    assert gateway.get("/charges")["total"] == 0
    assert abs(gateway.control("health", method="GET").json()["now"] - time.time()) < 60
    settings = gateway.control("settings", method="GET").json()
    assert settings["three_d_secure"] == "by_card"
    assert settings["webhook_secrets"] == [WEBHOOK_SECRET]


def test_a_restart_keeps_the_state(tmp_path: Path) -> None:
    """Given charges, events, a moved clock and a rotation, then a restart changes none of it."""
    state = tmp_path / "omise.sqlite"
    with Background() as background:
        before = serve_gateway(background, state)
        charge = before.promptpay_charge(metadata={"purchase": "pur_1"})
        token = before.token()
        before.control("clock", {"advance_seconds": 3_600})
        secrets = before.control("webhook_secret/rotate").json()["webhook_secrets"]
        before.deliveries(1)

    with Background() as background:
        after = serve_gateway(background, state)
        kept = after.get(f"/charges/{charge['id']}")
        assert (kept["metadata"], kept["status"]) == (charge["metadata"], "pending")
        assert after.get("/events")["total"] == 1
        assert after.deliveries(1)[0]["outcome"] == "delivered"
        terms = {"amount": 2_000, "currency": "thb", "card": token}
        assert after.post("/charges", terms)["paid"] is True
        assert after.control("health", method="GET").json()["now"] > time.time() + 3_000
        settings = after.control("settings", method="GET").json()
        assert settings["webhook_secrets"] == secrets


def test_a_time_without_an_offset_is_utc() -> None:
    """Given a date or a time without an offset, then it is read as UTC."""
    assert from_timestamp("2027-01-01") == from_timestamp("2027-01-01T07:00:00+07:00")


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path, gateway: Gateway) -> None:
    """Given a port that is taken, then the process ends with a line that names it."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"secret_key": SECRET_KEY, "public_key": PUBLIC_KEY}))
    port = gateway.url.rsplit(":", 1)[-1]
    command = [sys.executable, "-m", "local.omise_sandbox", "--port", port]
    command += ["--state", str(tmp_path / "omise.sqlite"), "--keys", str(keys)]

    ended = subprocess.run(  # noqa: S603 - fixed arguments
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"omise_sandbox: port {port}: ")
    assert ended.stderr.count("\n") == 1


def start_process(tmp_path: Path, port: int) -> subprocess.Popen[str]:
    """Start the sandbox as the local stack does, and wait for its ``ready``."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"secret_key": SECRET_KEY, "public_key": PUBLIC_KEY}))
    command = [sys.executable, "-m", "local.omise_sandbox", "--port", str(port)]
    command += ["--state", str(tmp_path / "omise.sqlite"), "--keys", str(keys)]
    process = subprocess.Popen(  # noqa: S603 - fixed arguments
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_the_process_says_ready_and_ends_on_sigterm(tmp_path: Path) -> None:
    """Given the command line, then it serves after ``ready``, ends cleanly and keeps its state."""
    port = test_utils.unused_port()
    url = f"http://127.0.0.1:{port}"
    terms = {"amount": "2000", "currency": "thb", "source[type]": "promptpay"}

    with start_process(tmp_path, port) as process:
        auth = (SECRET_KEY, "")
        requests.post(f"{url}/charges", data=terms, auth=auth, timeout=TIMEOUT_SECONDS)
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT_SECONDS) == 0

    with start_process(tmp_path, port) as process:
        page = requests.get(f"{url}/charges", auth=auth, timeout=TIMEOUT_SECONDS).json()
        process.terminate()
    assert page["total"] == 1
