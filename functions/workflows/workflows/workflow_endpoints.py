"""The routes of workflows: from the HTTP request to the use case and back."""

from __future__ import annotations

from kernel.clock import now
from kernel.http import Request, Response
from kernel.pagination import encode_cursor, page_of
from kernel.validation import validated
from workflows.adapters.workflow_table import WorkflowTable
from workflows.documents import WorkflowDocument
from workflows.domain.automation import Catalogue
from workflows.domain.workflow import Workflow
from workflows.representation import workflow_document
from workflows.use_cases.edit_workflows import Workflows
from workflows.workflows.bodies import WorkflowBody, WorkflowChangeBody, position_of
from workflows.workflows.conditional import entity_tag, expected_versions


class WorkflowEndpoints:
    """Create, list, show, change and archive workflows."""

    def __init__(self, workflows: Workflows, table: WorkflowTable, catalogue: Catalogue) -> None:
        self._workflows = workflows
        self._table = table
        self._catalogue = catalogue

    def create(self, request: Request) -> Response:
        """`POST /v1/workflows`."""
        user_id = request.user_id
        body = validated(WorkflowBody, request.json)
        workflow = self._workflows.create(
            user_id,
            name=body.name,
            automation_id=body.automation_id,
            parameters=body.parameters,
            now=now(),
        )
        return self._shown(201, workflow, {"Location": f"/v1/workflows/{workflow.id}"})

    def show(self, request: Request) -> Response:
        """`GET /v1/workflows/{id}`."""
        workflow = self._workflows.get(request.user_id, request.path_parameters["id"])
        return self._shown(200, workflow)

    def edit(self, request: Request) -> Response:
        """`PATCH /v1/workflows/{id}`."""
        user_id = request.user_id
        workflow = self._workflows.edit(
            user_id,
            request.path_parameters["id"],
            validated(WorkflowChangeBody, request.json).edit(),
            expected=expected_versions(request.headers),
            now=now(),
        )
        return self._shown(200, workflow)

    def archive(self, request: Request) -> Response:
        """`DELETE /v1/workflows/{id}`."""
        self._workflows.archive(
            request.user_id,
            request.path_parameters["id"],
            expected=expected_versions(request.headers),
            now=now(),
        )
        return Response(204)

    def list(self, request: Request) -> Response:
        """`GET /v1/workflows`."""
        query = request.parameters
        archived = query.flag("archived")
        scope = f"workflows|{request.user_id}|{archived}"
        page = page_of(query, scope)
        workflows, position = self._table.listed(
            request.user_id, archived=archived, after=position_of(page), limit=page.limit
        )
        cursor = encode_cursor(scope, {"listed_at": position}) if position else None
        data = [self._document(workflow) for workflow in workflows]
        return Response(200, {"data": data, "next_cursor": cursor})

    def _shown(
        self, status: int, workflow: Workflow, headers: dict[str, str] | None = None
    ) -> Response:
        tag = {"ETag": entity_tag(workflow.version)}
        return Response(status, self._document(workflow), {**tag, **(headers or {})})

    def _document(self, workflow: Workflow) -> WorkflowDocument:
        return workflow_document(workflow, self._catalogue.credit_cost(workflow.automation_id))
