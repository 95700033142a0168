"""The routes that read runs and the catalogue."""

from __future__ import annotations

from kernel.http import PUBLIC_CACHE, Request, Response
from kernel.pagination import encode_cursor, page_of
from workflows.adapters.run_table import RunTable
from workflows.domain.automation import Catalogue
from workflows.domain.run import RunStatus, visible
from workflows.representation import Link, automation_document, run_document
from workflows.workflows.bodies import position_of


class RunEndpoints:
    """List and show runs."""

    def __init__(self, table: RunTable, link: Link) -> None:
        self._table = table
        self._link = link

    def show(self, request: Request) -> Response:
        """`GET /v1/runs/{id}`."""
        user_id = request.user_id
        run = visible(self._table.get(request.path_parameters["id"]), user_id)
        return Response(200, run_document(run, self._link))

    def list(self, request: Request) -> Response:
        """`GET /v1/runs`."""
        query = request.parameters
        workflow_id = query.identifier("workflow_id", "wfl")
        status = query.choice("status", RunStatus)
        scope = f"runs|{request.user_id}|{workflow_id}|{status}"
        page = page_of(query, scope)
        runs, position = self._table.listed(
            request.user_id,
            workflow_id=workflow_id,
            status=status,
            after=position_of(page),
            limit=page.limit,
        )
        cursor = encode_cursor(scope, {"listed_at": position}) if position else None
        data = [run_document(run, self._link) for run in runs]
        return Response(200, {"data": data, "next_cursor": cursor})


class AutomationEndpoints:
    """Show what is sold."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def list(self, _request: Request) -> Response:
        """`GET /v1/automations`."""
        data = [automation_document(automation) for automation in self._catalogue]
        return Response(200, {"data": data}, PUBLIC_CACHE)
