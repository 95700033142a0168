"""From a state of the run state machine to the use case, and back to JSON."""

from __future__ import annotations

from typing import Any, Final

from kernel.clock import now
from kernel.observability import begin, logger
from workflows.domain.run import Run
from workflows.use_cases.settle_runs import RunSaga

Event = dict[str, Any]
_SETTLED: Final = "settled"


class Steps:
    """The steps by the name that the state machine calls them."""

    def __init__(self, saga: RunSaga) -> None:
        self._saga = saga
        self._by_name = {
            "mark_running": self._mark_running,
            "mark_succeeded": self._mark_succeeded,
            "give_back": self._give_back,
        }

    def handle(self, event: Event, _context: object) -> Event:
        """Do one step; errors go to the state machine by their class's name."""
        begin(event.get("correlation_id"), run_id=event["run_id"])
        result = self._by_name[event["step"]](event)
        logger.info("step", extra={"step": event["step"], "outcome": result["outcome"]})
        return result

    def _mark_running(self, event: Event) -> Event:
        run = self._saga.mark_running(event["run_id"], now())
        return {
            **_outcome(run, _SETTLED if run.is_settled else str(run.status)),
            "automation_id": run.order.automation_id,
            "parameters": run.order.parameters,
            "input": run.order.input,
        }

    def _mark_succeeded(self, event: Event) -> Event:
        run = self._saga.mark_succeeded(event["run_id"], event["output"], now())
        return _outcome(run, str(run.status))

    def _give_back(self, event: Event) -> Event:
        run = self._saga.give_back(event["run_id"], event["error"], now())
        return _outcome(run, str(run.status))


def _outcome(run: Run, outcome: str) -> Event:
    return {"outcome": outcome, "run_id": run.id, "correlation_id": run.order.correlation_id}
