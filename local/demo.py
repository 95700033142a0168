"""`make demo`: the main job, once, through the real API, with every result checked."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from credit_engine_client import ApiError, CreditEngine
from local import stack
from local.layout import Layout
from local.stack_file import StackFile
from local.steps import StackError

Json = dict[str, Any]

CSV_ROWS = 3
CSV = "city,visitors\nChiang Mai,120\nPhuket,80\nBangkok,400\n"
PATIENCE_SECONDS = 30.0
MAX_RUNS = 50


def demo(layout: Layout) -> None:
    """Run the main job against the stack; bring one up for as long as it takes if none runs.

    Raises
    ------
    StackError
        A result was not what it must be.
    """
    with _running_stack(layout) as file:
        started = time.monotonic()
        MainJob(file, Console(highlight=False)).run()
        print(f"\n  the main job took {time.monotonic() - started:.1f} s")


@contextmanager
def _running_stack(layout: Layout) -> Iterator[StackFile]:
    started_here = not stack.is_running(layout)
    if started_here:
        stack.run_detached(layout)
    try:
        yield StackFile.read(layout.stack_file)
    finally:
        if started_here:
            stack.stop(layout)


class MainJob:
    """Register, buy, pay, run, and look at the ledger.

    Parameters
    ----------
    file
        The running stack.
    console
        Where to tell about it.
    """

    def __init__(self, file: StackFile, console: Console) -> None:
        self._file = file
        self._console = console
        self._engine = CreditEngine(file.api_url)

    def run(self) -> None:
        """Do it all.

        Raises
        ------
        StackError
            A result was not what it must be.
        """
        self._register_and_log_in()
        credits = self._buy()
        workflow = self._create_workflow()
        self._run_workflow(workflow, credits)
        self._spend_the_rest(workflow)
        self._show_ledger()

    def _register_and_log_in(self) -> None:
        email = f"demo-{secrets.token_hex(6)}@example.com"
        password = secrets.token_urlsafe(24)
        user = self._engine.register(email, password)
        self._tell("registered", user["id"])
        tokens = self._engine.login(email, password)
        self._tell("logged in", f"access token for {tokens['expires_in']} s")
        self._expect(self._engine.account()["balance"] == 0, "a new account is empty")

    def _buy(self) -> int:
        package = min(self._engine.packages(), key=lambda offer: int(offer["amount"]))
        purchase = self._engine.buy(package["id"])
        self._tell("purchase", f"{purchase['id']} {purchase['status']}")
        purchase = self._until(
            "the QR code", lambda: self._engine.purchase(purchase["id"]), lambda p: p["payment"]
        )
        self._tell("QR code", purchase["payment"]["qr_code_uri"])
        self._expect(self._engine.account()["balance"] == 0, "nothing is credited before payment")
        self._pay(purchase["payment"]["charge_id"])
        purchase = self._until(
            "the credits",
            lambda: self._engine.purchase(purchase["id"]),
            lambda p: p["status"] == "completed",
        )
        credits = int(package["credits"] + package["bonus_credits"])
        self._tell("credited", f"{credits} credits, by {purchase['history'][-1]['source']}")
        self._expect(self._engine.account()["balance"] == credits, "all credits are there")
        return credits

    def _pay(self, charge_id: str) -> None:
        """Pay as the customer would: at Omise, by its own test-mode call."""
        response = requests.post(
            f"{self._file.omise_url}/charges/{charge_id}/mark_as_paid",
            auth=(self._file.omise_secret_key, ""),
            timeout=10,
        )
        self._expect(response.ok, f"Omise takes the payment ({response.status_code})")
        self._tell("paid", charge_id)

    def _create_workflow(self) -> Json:
        workflow = self._engine.create_workflow("Visitors", "csv-summary", {"csv": CSV})
        self._tell("workflow", f"{workflow['id']} at {workflow['credit_cost']} credits a run")
        return workflow

    def _run_workflow(self, workflow: Json, credits: int) -> None:
        run = self._engine.run(workflow["id"])
        left = credits - int(workflow["credit_cost"])
        self._expect(run["balance_after"] == left, f"{left} credits are left")
        run = self._until(
            "the run",
            lambda: self._engine.get_run(run["id"]),
            lambda r: r["status"] in {"succeeded", "failed"},
        )
        self._expect(run["status"] == "succeeded", f"the run succeeded ({run['error']})")
        self._expect(run["output"]["rows"] == CSV_ROWS, "every row was counted")
        self._tell("output", json.dumps(run["output"]["columns"][1]))

    def _spend_the_rest(self, workflow: Json) -> None:
        for _ in range(MAX_RUNS):
            try:
                self._engine.run(workflow["id"])
            except ApiError as error:
                self._expect(error.code == "insufficient_credits", f"a 402, not {error}")
                self._tell("402", str(error.problem["detail"]))
                return
        raise StackError("the credits never ran out")

    def _show_ledger(self) -> None:
        entries = self._engine.ledger()
        table = Table("no", "type", "amount", "balance", "reference", title="Ledger")
        for entry in reversed(entries):
            table.add_row(
                str(entry["entry_no"]),
                entry["type"],
                f"{entry['amount']:+}",
                str(entry["balance_after"]),
                entry["reference"]["id"],
            )
        self._console.print(table)
        balance = self._engine.account()["balance"]
        self._expect(sum(e["amount"] for e in entries) == balance, "the entries add up")

    def _until(self, what: str, read: Callable[[], Json], done: Callable[[Json], object]) -> Json:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            state = read()
            if done(state):
                return state
            time.sleep(0.2)
        raise StackError(f"{what} did not come within {PATIENCE_SECONDS:.0f} s")

    def _tell(self, what: str, detail: str) -> None:
        self._console.print(f"  [green]✓[/] {what:<12} {detail}", soft_wrap=True)

    def _expect(self, holds: object, statement: str) -> None:
        if not holds:
            raise StackError(f"it must hold that {statement}")
