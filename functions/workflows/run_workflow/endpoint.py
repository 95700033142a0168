"""`POST /v1/workflows/{id}/runs`: from the HTTP request to the use case and back."""

from __future__ import annotations

from typing import Any, Final

from kernel.clock import now
from kernel.http import Endpoint, Request, Response
from kernel.idempotency import REPLAYED_HEADER, key_of
from kernel.observability import about
from workflows.domain.run import RunRequest
from workflows.representation import Link, run_document
from workflows.run_workflow.body import input_of
from workflows.use_cases.start_run import StartRun

_NO_BODY: Final[dict[str, Any]] = {}


def run_endpoint(start_run: StartRun[Any], link: Link) -> Endpoint:
    """Make the endpoint.

    Parameters
    ----------
    start_run
        The use case.
    link
        Makes the link to a large output, which a replayed run may have.
    """

    def endpoint(request: Request) -> Response:
        started = start_run(_run_request(request), now())
        run = started.run
        about(run_id=run.id)
        headers = {"Location": f"/v1/runs/{run.id}"}
        if started.replayed:
            headers[REPLAYED_HEADER] = "true"
        return Response(202, run_document(run, link), headers)

    return endpoint


def _run_request(request: Request) -> RunRequest:
    return RunRequest(
        user_id=request.user_id,
        workflow_id=request.path_parameters["id"],
        idempotency_key=key_of(request.headers),
        input=input_of(request.json if request.body.strip() else _NO_BODY),
        correlation_id=request.correlation_id,
    )
