"""What one run and one purchase consume."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cost.lines import Line
from cost.stack import Stack
from cost.units import Units

REQUEST: Final = "the request"
EXECUTION: Final = "what follows"
READING: Final = "reading it"
KEEPING: Final = "keeping it, a month"
_GB: Final = 1e9
_MILLISECONDS: Final = 1_000
_DAYS: Final = 30


@dataclass(frozen=True)
class Usage:
    """Makes the lines of one stage.

    Parameters
    ----------
    stack
        The stage's template.
    units
        What is counted and assumed.
    """

    stack: Stack
    units: Units

    def run(self) -> list[Line]:
        """Return what one run consumes that succeeds with the built-in `csv-summary`."""
        reads = self.units.assumed.reads_per_run
        states = self.stack.states("WorkflowsRunSaga", "csv-summary")
        return [
            *self._request(REQUEST, "WorkflowsRunWorkflow"),
            *self._table(REQUEST, "start a run"),
            *self._execution(states, "WorkflowsDispatch", WorkflowsSaga=2, WorkflowsCsvSummary=1),
            *self._table(EXECUTION, "mark a run running"),
            *self._table(EXECUTION, "mark a run succeeded"),
            *self._request(READING, "WorkflowsWorkflows", reads),
            Line(READING, "reading a run", reads, "read_unit"),
            *self._kept(self.units.assumed.run_stored_bytes),
        ]

    def purchase(self) -> list[Line]:
        """Return what one PromptPay purchase consumes that is paid within the first wait."""
        assumed = self.units.assumed
        states = self.stack.states("BillingPurchaseSaga", "AwaitPayment1")
        return [
            *self._request(REQUEST, "BillingPurchase"),
            *self._table(REQUEST, "buy"),
            *self._execution(states, "BillingDispatch", BillingSaga=2),
            *self._table(EXECUTION, "create a charge"),
            *self._table(EXECUTION, "wait for the payment"),
            *self._request(EXECUTION, "BillingWebhook", authorized=False),
            *self._table(EXECUTION, "settle by webhook"),
            *self._omise(),
            *self._request(READING, "BillingAccount", assumed.reads_per_purchase),
            Line(READING, "reading a purchase", assumed.reads_per_purchase, "read_unit"),
            *self._kept(assumed.purchase_stored_bytes),
        ]

    def invocation(self, group: str, function: str, times: float) -> Iterator[Line]:
        """Make the lines of a function's invocations."""
        assumed = self.units.assumed
        seconds = assumed.milliseconds[function] / _MILLISECONDS
        gb_seconds = times * seconds * self.stack.memory_gb(function)
        yield Line(group, function, times, "lambda_request")
        yield Line(group, function, gb_seconds, "lambda_gb_second")
        yield from self._logs(group, function, times * assumed.invocation_log_bytes)

    def _request(
        self, group: str, function: str, times: float = 1, *, authorized: bool = True
    ) -> Iterator[Line]:
        """Make the lines of a request to the API: gateway, authorizer, firewall, function."""
        assumed = self.units.assumed
        yield Line(group, "gateway", times, "api_request")
        if self.stack.has_firewall:
            yield Line(group, "firewall", times, "firewall_request")
        if authorized:
            share = times * assumed.authorizer_share
            yield from self.invocation(group, "IdentityAuthorizer", share)
        yield from self.invocation(group, function, times)
        yield from self._logs(group, "access log", times * assumed.access_log_bytes)
        yield Line(group, "traces", times * assumed.trace_share, "trace")
        yield Line(group, "answer", times * assumed.response_bytes / _GB, "transfer_gb")

    def _execution(self, states: int, dispatcher: str, **functions: int) -> Iterator[Line]:
        """Make the lines of a saga: its dispatch, its transitions and its functions."""
        yield from self.invocation(EXECUTION, dispatcher, 1)
        yield Line(EXECUTION, "Step Functions", states, "state_transition")
        events = states * self.units.assumed.state_log_bytes
        yield from self._logs(EXECUTION, "saga's events", events)
        for function, times in functions.items():
            yield from self.invocation(EXECUTION, function, times)

    def _table(self, group: str, operation: str) -> Iterator[Line]:
        counted = self.units.counted[operation]
        yield Line(group, operation, counted.writes + counted.index, "write_unit")
        yield Line(group, operation, counted.reads, "read_unit")

    def _omise(self) -> Iterator[Line]:
        assumed = self.units.assumed
        size_gb = assumed.omise_calls_per_purchase * assumed.omise_call_bytes / _GB
        if self.stack.has_network:
            yield Line(EXECUTION, "calls to Omise", size_gb, "nat_gb")

    def _logs(self, group: str, what: str, size_bytes: float) -> Iterator[Line]:
        """Make the lines of logs: taken in, and kept compressed for as long as the stage says."""
        months = self.stack.log_retention_days / _DAYS
        kept = size_bytes * self.units.assumed.log_archive_ratio * months
        yield Line(group, f"logs of {what}", size_bytes / _GB, "log_gb")
        yield Line(group, f"logs of {what}", kept / _GB, "log_gb_month")

    def _kept(self, size_bytes: float) -> Iterator[Line]:
        yield Line(KEEPING, "records", size_bytes / _GB, "table_gb_month")
        if self.stack.recovers:
            yield Line(KEEPING, "records", size_bytes / _GB, "recovery_gb_month")
