"""What an operator sees: alarms with runbooks, a dashboard, and saved queries for the logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from infra.billing import Billing
from infra.edge import Edge
from infra.identity import Identity
from infra.observability.alarms import Alarms
from infra.observability.business_alarms import watch_business
from infra.observability.dashboard import Dashboard
from infra.observability.platform_alarms import (
    watch_api,
    watch_dispatch,
    watch_functions,
    watch_sagas,
    watch_tables,
)
from infra.observability.saved_queries import SavedQueries
from infra.settings import StageSettings
from infra.workflows import Workflows

if TYPE_CHECKING:
    from aws_cdk import aws_apigateway as apigateway


class Observability(Construct):
    """Watches everything of a stage.

    Formulas and saved queries are AWS' alone; the local stage goes without.

    Parameters
    ----------
    scope
        The stack.
    settings
        The stage's settings.
    api, identity, billing, workflows, edge
        What is watched.
    """

    def __init__(  # noqa: PLR0913  # all that is watched
        self,
        scope: Construct,
        settings: StageSettings,
        *,
        api: apigateway.RestApi,
        identity: Identity,
        billing: Billing,
        workflows: Workflows,
        edge: Edge,
    ) -> None:
        super().__init__(scope, "Observability")
        self._settings = settings
        self._api = api
        self._billing = billing
        self._workflows = workflows
        self._services: dict[str, Construct] = {
            "Identity": identity,
            "Billing": billing,
            "Workflows": workflows,
            "Edge": edge,
        }
        self._dispatches = {"Purchase": billing.dispatch, "Run": workflows.dispatch}
        self._tables = {
            "Identity": identity.table,
            "Billing": billing.table,
            "Workflows": workflows.table,
        }
        self._show(self._watch())
        if not settings.is_local:
            SavedQueries(
                self, settings, billing=billing, workflows=workflows, others=(identity, edge)
            )

    def _watch(self) -> Alarms:
        alarms = Alarms(self, self._settings)
        watch_business(alarms, with_formulas=not self._settings.is_local)
        watch_sagas(alarms, self._billing, self._workflows)
        watch_dispatch(alarms, self._dispatches)
        watch_api(alarms, self._api, self._workflows.functions["workflows/run_workflow"])
        if not self._settings.is_local:
            watch_functions(alarms, self._services)
            watch_tables(alarms, self._tables)
        return alarms

    def _show(self, alarms: Alarms) -> None:
        dashboard = Dashboard(self, self._settings, alarms.made)
        dashboard.show_business()
        dashboard.show_security()
        dashboard.show_api(self._api)
        dashboard.show_functions(*self._services.values())
        dashboard.show_sagas(self._dispatches, self._billing, self._workflows)
        dashboard.show_tables(self._tables)
