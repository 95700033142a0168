"""The one stack of a stage, put together from the services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack, Tags

from infra.acknowledgements import acknowledge
from infra.api import STAGE_NAME, Api
from infra.billing import Billing
from infra.console import Console
from infra.edge import Edge
from infra.firewall import Firewall
from infra.framework_functions import acknowledge_framework_functions
from infra.functions import FunctionFactory
from infra.identity import Identity
from infra.network import Network
from infra.observability import Observability
from infra.operators import Operators
from infra.settings import StageSettings
from infra.stage_exceptions import acknowledge_omissions
from infra.workflows import Workflows

if TYPE_CHECKING:
    from constructs import Construct


class CreditEngineStack(Stack):
    """Everything of one stage.

    Parameters
    ----------
    scope
        The app.
    settings
        The stage's settings; the stack's name has the stage in it.
    """

    def __init__(self, scope: Construct, settings: StageSettings) -> None:
        super().__init__(
            scope,
            f"CreditEngine-{settings.stage}",
            description=f"Credit Engine, stage {settings.stage}",
            termination_protection=settings.deletion_protection,
        )
        Tags.of(self).add("application", "credit-engine")
        Tags.of(self).add("stage", settings.stage)
        network = Network(self, settings) if settings.private_network else None
        factory = FunctionFactory(self, settings, network)
        self.identity = Identity(self, settings, factory)
        self.billing = Billing(self, settings, factory)
        self.workflows = Workflows(self, settings, factory, self.billing.table)
        self.edge = Edge(self, settings, factory)
        factory.verify_reservations()
        self.api = self._api(settings)
        self.console = self._console(settings)
        self._observe(settings)
        self.operators = self._operators(settings)
        if settings.firewall:
            stage = self.api.rest_api.deployment_stage
            Firewall(self, settings, stage, self.identity.origin_proof, self.edge.key)
        self._outputs()
        self._acknowledge_design(settings)

    def _api(self, settings: StageSettings) -> Api:
        functions = {
            **self.identity.functions,
            **self.billing.functions,
            **self.workflows.functions,
            **self.edge.functions,
        }
        return Api(self, settings, functions, self.identity.authorizer, key=self.edge.key)

    def _console(self, settings: StageSettings) -> Console | None:
        """Host the console, if the stage does; what its address is, is known from here on."""
        if self.identity.origin_proof is None:
            return None
        proof = self.identity.origin_proof
        console = Console(self, settings, self.api.rest_api, proof, self.edge.key)
        self.billing.allow_return_to(console.hosts)
        return console

    def _observe(self, settings: StageSettings) -> None:
        Observability(
            self,
            settings,
            api=self.api.rest_api,
            identity=self.identity,
            billing=self.billing,
            workflows=self.workflows,
            edge=self.edge,
        )

    def _operators(self, settings: StageSettings) -> Operators:
        """Let operators in; the names are those of the outputs that their command line reads."""
        functions = {
            "IdentityOperationsName": self.identity.operations,
            "BillingOperationsName": self.billing.operations,
            "BillingDisputeName": self.billing.disputes,
            "WorkflowsOperationsName": self.workflows.operations,
        }
        parked = {
            "BillingParkedUrl": self.billing.dispatch.parked,
            "WorkflowsParkedUrl": self.workflows.dispatch.parked,
        }
        return Operators(self, settings, functions, parked)

    def _acknowledge_design(self, settings: StageSettings) -> None:
        acknowledge(
            self,
            "A role has one policy of its own, in the same template: one that could be attached "
            "elsewhere would say less about who may do what.",
            "PCI.DSS.321-IAMNoInlinePolicy",
        )
        acknowledge_framework_functions(self)
        acknowledge_omissions(self, settings)

    def _outputs(self) -> None:
        """Name what operators and tools need to know of a deployed stack."""
        for name, value in {
            "ApiId": self.api.rest_api.rest_api_id,
            "ApiStage": STAGE_NAME,
            "ApiUrl": self.api.url,
            "OmiseSecretArn": self.billing.omise_secret.secret_arn,
            "ReconciliationArn": self.billing.reconciliation.state_machine.state_machine_arn,
            "RefundSagaArn": self.billing.refund_saga.state_machine.state_machine_arn,
            "ReportsBucketName": self.billing.reports.bucket_name,
            "IdentityTableName": self.identity.table.name,
            "BillingTableName": self.billing.table.name,
            "WorkflowsTableName": self.workflows.table.name,
            **self.operators.outputs,
        }.items():
            CfnOutput(self, name, value=value)
        for name, value in self._names().items():
            CfnOutput(self, name, value=value)

    def _names(self) -> dict[str, str]:
        """Say where browsers go, and what the operator's own names have to point at."""
        names = {}
        if self.api.domain:
            names["ApiDomainTarget"] = self.api.domain.domain_name_alias_domain_name
        if self.console:
            *_, host = self.console.hosts
            names["ConsoleUrl"] = f"https://{host}/"
            names["ConsoleDomainTarget"] = self.console.distribution.distribution_domain_name
        return names
