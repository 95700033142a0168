"""The workflows service: automations, users' workflows, and their runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgements import acknowledge, everything_below
from infra.billing import INTENTS, LEDGER
from infra.buckets import private_bucket
from infra.catalogues import automations
from infra.functions import FunctionFactory, Size
from infra.keys import allow_use, service_key
from infra.network import Reach
from infra.operators import OPERATOR_LOG, allow_running
from infra.run_saga import RunSaga
from infra.saga_dispatch import SagaDispatch
from infra.saga_sweep import SagaSweep
from infra.settings import StageSettings
from infra.tables import DELETE, PUT, QUERY, READ, UPDATE, ServiceTable
from workflows.catalogue.entries import Entry, FunctionTarget

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_s3 as s3

RUN: Final = "RUN"
_SETTLES: Final = Size(timeout_seconds=30)
# Judges some thousand runs one by one.
_SWEEPS: Final = Size(timeout_seconds=300)
_DISPATCHES: Final = Size(memory_mb=256, timeout_seconds=30)
_AUTOMATION_MEMORY_MB: Final = 512
# Fetches what users name: it gets the internet, and neither network nor data of ours.
_OUTSIDE: Final = frozenset({"website_check"})


class Workflows(Construct):
    """Keeps users' workflows, runs them for credits, and stores what comes out.

    Parameters
    ----------
    scope
        The stack.
    settings
        The stage's settings.
    factory
        Makes the functions.
    ledger
        Billing's table: a run's debit commits with the run.

    Attributes
    ----------
    table
        The service's table.
    functions
        The functions that serve routes, by folder.
    saga, dispatch, sweep
        What makes runs go on after they were stored, and finds those that do not.
    operations
        What operators invoke.
    """

    def __init__(
        self,
        scope: Construct,
        settings: StageSettings,
        factory: FunctionFactory,
        ledger: ServiceTable,
    ) -> None:
        super().__init__(scope, "Workflows")
        self._settings = settings
        self._factory = factory
        self._ledger = ledger
        self._key = service_key(self, settings)
        self._outputs = self._outputs_bucket()
        self.table = ServiceTable(self, settings, self._key, lists_and_streams=True)
        self.functions = {
            "workflows/run_workflow": self._run_workflow(),
            "workflows/workflows": self._workflows(),
        }
        self.saga = self._run_saga(automations(settings.stage))
        self.dispatch = self._dispatch()
        self.sweep = self._sweep()
        self.operations = self._operations()

    def _run_workflow(self) -> lambda_.Function:
        function = self._make(
            "workflows/run_workflow",
            {
                **self._outputs_setting,
                **self._group_commit_setting,
                "BILLING_TABLE_NAME": self._ledger.name,
            },
            Size(1_024),
        )
        self.table.allow(function, READ, "WORKFLOW", RUN)
        self.table.allow(function, PUT, RUN)
        self._ledger.allow(function, READ + PUT, LEDGER)
        if self._group_commit_setting:
            self._ledger.allow(function, (*QUERY, *PUT, *DELETE), INTENTS)
        self._allow_outputs(function, "s3:GetObject")
        return function

    def _workflows(self) -> lambda_.Function:
        function = self._make("workflows/workflows", self._outputs_setting)
        self.table.allow(function, READ, "WORKFLOW", "NAME", RUN)
        self.table.allow(function, PUT, "WORKFLOW", "NAME")
        self.table.allow(function, DELETE, "NAME")
        self.table.allow_lists(function, "WORKFLOWS", "WORKFLOWS_ARCHIVED", "RUNS")
        self._allow_outputs(function, "s3:GetObject")
        return function

    def _run_saga(self, entries: Sequence[Entry]) -> RunSaga:
        steps = self._make(
            "workflows/saga",
            {**self._outputs_setting, "BILLING_TABLE_NAME": self._ledger.name},
            _SETTLES,
        )
        self.table.allow(steps, READ + UPDATE, RUN)
        self._ledger.allow(steps, READ + PUT, LEDGER)
        self._allow_outputs(steps, "s3:PutObject")
        return RunSaga(
            self,
            self._settings,
            function=steps,
            automations=entries,
            built_in=self._built_in(entries),
            key=self._key,
        )

    def _built_in(self, entries: Sequence[Entry]) -> dict[str, lambda_.Function]:
        """Make each automation of ours once, with the longest time that the catalogue gives it."""
        seconds: dict[str, int] = {}
        for entry in entries:
            if isinstance(entry.target, FunctionTarget):
                folder = entry.target.function
                seconds[folder] = max(entry.timeout_seconds, seconds.get(folder, 0))
        return {folder: self._automation(folder, limit) for folder, limit in seconds.items()}

    def _automation(self, folder: str, timeout_seconds: int) -> lambda_.Function:
        return self._factory.make(
            self,
            f"workflows/automations/{folder}",
            {},
            size=Size(_AUTOMATION_MEMORY_MB, timeout_seconds),
            reach=Reach.INTERNET if folder in _OUTSIDE else Reach.ISOLATED,
            key=self._key,
        )

    def _dispatch(self) -> SagaDispatch:
        machine = self.saga.state_machine
        arn = {"RUN_STATE_MACHINE_ARN": machine.state_machine_arn}
        function = self._factory.make(
            self, "workflows/dispatch", arn, size=_DISPATCHES, key=self._key
        )
        return SagaDispatch(self, self.table, RUN, function, machine, self._key)

    def _sweep(self) -> SagaSweep:
        machine = self.saga.state_machine
        function = self._make(
            "workflows/sweeper",
            {
                "BILLING_TABLE_NAME": self._ledger.name,
                "RUN_STATE_MACHINE_ARN": machine.state_machine_arn,
                "SWEEP_AFTER_SECONDS": str(self._settings.sweep_after_seconds),
            },
            _SWEEPS,
        )
        self.table.allow(function, READ + UPDATE, RUN)
        self.table.allow_walk(function)
        self._ledger.allow(function, READ + PUT, LEDGER)
        return SagaSweep(
            self,
            self._settings,
            function=function,
            saga=machine,
            looks_at="runs",
            key=self._key,
        )

    def _operations(self) -> lambda_.Function:
        machine = self.sweep.state_machine
        environment = {
            "SWEEP_STATE_MACHINE_ARN": machine.state_machine_arn,
            "SWEEP_AFTER_SECONDS": str(self._settings.sweep_after_seconds),
        }
        function = self._make("workflows/operations", environment)
        self.table.allow(function, READ + PUT, OPERATOR_LOG)
        allow_running(function, machine)
        return function

    def _make(
        self, name: str, environment: dict[str, str], size: Size | None = None
    ) -> lambda_.Function:
        storage = {"WORKFLOWS_TABLE_NAME": self.table.name}
        return self._factory.make(self, name, {**storage, **environment}, size=size, key=self._key)

    def _allow_outputs(self, grantee: lambda_.Function, action: str) -> None:
        """Let a function do one thing with outputs; the CDK's own grants come with a dozen."""
        grantee.add_to_role_policy(
            iam.PolicyStatement(
                actions=[action], resources=[self._outputs.arn_for_objects("runs/*")]
            )
        )
        if self._key is not None:
            allow_use(self._key, grantee, "s3")
        acknowledge(
            grantee.role or grantee,
            "The outputs of all runs, and nothing else in the bucket: a run's id is its key.",
            everything_below(self._outputs, "runs/*"),
        )

    @property
    def _outputs_setting(self) -> dict[str, str]:
        return {"OUTPUTS_BUCKET_NAME": self._outputs.bucket_name}

    @property
    def _group_commit_setting(self) -> dict[str, str]:
        after = self._settings.group_commit_after
        return {} if after is None else {"GROUP_COMMIT_AFTER": str(after)}

    def _outputs_bucket(self) -> s3.Bucket:
        return private_bucket(
            self, "Outputs", self._settings, self._key, self._settings.outputs_retention_days
        )
