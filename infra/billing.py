"""The billing service: packages, purchases through Omise, and the ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledgements import acknowledge, everything_below
from infra.buckets import private_bucket
from infra.catalogues import verify_packages
from infra.functions import FunctionFactory, Size
from infra.keys import allow_use, removal_policy, service_key
from infra.network import Reach
from infra.nightly_walk import NightlyWalk
from infra.operators import OPERATOR_LOG, allow_running
from infra.purchase_saga import PurchaseSaga
from infra.refund_saga import RefundSaga
from infra.saga_dispatch import SagaDispatch
from infra.saga_sweep import SagaSweep
from infra.settings import StageSettings
from infra.tables import PUT, READ, WALK, ServiceTable

LEDGER: Final = "LEDGER"
INTENTS: Final = "INTENTS"
PURCHASE: Final = "PURCHASE"
ADJUSTMENT: Final = "ADJUSTMENT"
# `Prefer: wait` takes up to 10 s, and the gateway gives up after 29 s.
_WAITS_FOR_CHARGE: Final = Size(timeout_seconds=20)
# A webhook fetches the charge from Omise before it answers, and a cold one imports Omise's library
# then, with a share of a core that the memory decides.
_FETCHES_CHARGE: Final = Size(memory_mb=1_024, timeout_seconds=25)
# A step reads a charge, expires it and refunds it: 27, 28 and 28 s with their retries; or it looks
# at pages of charges for a minute, of which the last may take 27 s more.
_CALLS_OMISE: Final = Size(timeout_seconds=90)
# A part of the audit reads some thousand entries; one of the reconciliation asks Omise often.
_READS_MANY: Final = Size(timeout_seconds=600)
# Looks at some thousand purchases one by one.
_SWEEPS: Final = Size(timeout_seconds=300)
_DISPATCHES: Final = Size(memory_mb=256, timeout_seconds=30)
# Nobody waits but an operator, and an account may be busy.
_OPERATES: Final = Size(timeout_seconds=30)


class Billing(Construct):
    """Sells credits, keeps every account's ledger, and tells what is on it.

    Attributes
    ----------
    table
        The service's table; the ledger in it is append-only.
    omise_secret
        The Omise account: keys, addresses and webhook secrets.
    functions
        The functions that serve routes, by folder.
    saga, dispatch, sweep
        What makes purchases go on after they were stored, and finds those that do not.
    refund_saga
        What operators start to give a payment back.
    audit
        What verifies every ledger, nightly.
    reports, reconciliation
        What compares Omise's books with ours, nightly, and where it writes what it found.
    operations, disputes
        What operators invoke: the one writes to ledgers, the other calls Omise.
    """

    def __init__(self, scope: Construct, settings: StageSettings, factory: FunctionFactory) -> None:
        super().__init__(scope, "Billing")
        verify_packages(settings.stage)
        self._settings = settings
        self._factory = factory
        self._key = service_key(self, settings)
        self.table = ServiceTable(self, settings, self._key, lists_and_streams=True)
        self.omise_secret = self._omise_secret()
        webhook, steps = self._webhook(), self._saga_steps()
        self.functions = {
            "billing/purchase": self._purchase(),
            "billing/account": self._account(),
            "billing/webhook": webhook,
        }
        self.saga = PurchaseSaga(self, settings, steps, self._key)
        self._allow_answering(webhook, steps)
        self.dispatch = self._dispatch()
        self.refund_saga = self._refund_saga()
        self.sweep = self._sweep()
        self.audit = self._audit()
        self.reports = private_bucket(
            self, "Reports", settings, self._key, settings.reports_retention_days
        )
        self.reconciliation = self._reconciliation()
        self.operations = self._operations()
        self.disputes = self._disputes()

    def allow_return_to(self, hosts: Sequence[str]) -> None:
        """Let card payments come back to these hosts, beside those of the settings."""
        every = ",".join([*hosts, *self._settings.return_uri_hosts])
        self.functions["billing/purchase"].add_environment("RETURN_URI_HOSTS", every)

    def _purchase(self) -> lambda_.Function:
        function = self._make(
            "billing/purchase",
            {
                "RETURN_URI_HOSTS": ",".join(self._settings.return_uri_hosts) or "-",
                "RETURN_URI_INSECURE_HOSTS": ",".join(self._settings.return_uri_insecure_hosts)
                or "-",
            },
            _WAITS_FOR_CHARGE,
        )
        self.table.allow(function, READ + PUT, PURCHASE)
        return function

    def _account(self) -> lambda_.Function:
        function = self._make("billing/account", {})
        self.table.allow(function, READ, LEDGER, PURCHASE)
        self.table.allow_lists(function, "PURCHASES")
        return function

    def _webhook(self) -> lambda_.Function:
        signatures = {"WEBHOOK_SIGNATURES": self._settings.webhook_signatures}
        function = self._make(
            "billing/webhook", {**self._omise, **signatures}, _FETCHES_CHARGE, Reach.OMISE
        )
        self._allow_settling(function)
        return function

    def _saga_steps(self) -> lambda_.Function:
        expiry = {"PAYMENT_EXPIRY_SECONDS": str(self._settings.payment_expiry_seconds)}
        function = self._make("billing/saga", {**self._omise, **expiry}, _CALLS_OMISE, Reach.OMISE)
        self._allow_settling(function)
        return function

    def _dispatch(self) -> SagaDispatch:
        machine = self.saga.state_machine
        arn = {"PURCHASE_STATE_MACHINE_ARN": machine.state_machine_arn}
        function = self._factory.make(
            self, "billing/dispatch", arn, size=_DISPATCHES, key=self._key
        )
        return SagaDispatch(self, self.table, PURCHASE, function, machine, self._key)

    def _refund_saga(self) -> RefundSaga:
        function = self._make("billing/refund", self._omise, _CALLS_OMISE, Reach.OMISE)
        self._allow_settling(function)
        return RefundSaga(self, self._settings, function, self._key)

    def _sweep(self) -> SagaSweep:
        machine = self.saga.state_machine
        function = self._make(
            "billing/sweeper",
            {
                "PURCHASE_STATE_MACHINE_ARN": machine.state_machine_arn,
                "SWEEP_AFTER_SECONDS": str(self._settings.sweep_after_seconds),
            },
            _SWEEPS,
        )
        self.table.allow(function, READ, PURCHASE)
        self.table.allow_walk(function)
        return SagaSweep(
            self,
            self._settings,
            function=function,
            saga=machine,
            looks_at="purchases",
            key=self._key,
        )

    def _audit(self) -> NightlyWalk:
        function = self._make("billing/audit", {}, _READS_MANY)
        self.table.allow(function, WALK)
        return NightlyWalk(
            self,
            "LedgerAudit",
            self._settings,
            function,
            at="cron(0 19 * * ? *)",  # 02:00 in Bangkok
            description="Verify every ledger",
            key=self._key,
        )

    def _reconciliation(self) -> NightlyWalk:
        about = {
            "REPORTS_BUCKET_NAME": self.reports.bucket_name,
            "RECONCILIATION_DAYS": str(self._settings.reconciliation_days),
            "RECONCILIATION_GRACE_SECONDS": str(self._settings.reconciliation_grace_seconds),
        }
        function = self._make(
            "billing/reconciliation", {**self._omise, **about}, _READS_MANY, Reach.OMISE
        )
        self._allow_settling(function)
        self.table.allow_walk(function)
        self._allow_reports(function, "s3:GetObject", "s3:PutObject")
        return NightlyWalk(
            self,
            "Reconciliation",
            self._settings,
            function,
            at="cron(30 19 * * ? *)",  # 02:30 in Bangkok
            description="Compare Omise's charges with our purchases",
            kept={"report": "$.Payload.report"},
            key=self._key,
        )

    def _operations(self) -> lambda_.Function:
        machines = {
            "REFUND_STATE_MACHINE_ARN": self.refund_saga.state_machine,
            "RECONCILIATION_STATE_MACHINE_ARN": self.reconciliation.state_machine,
            "AUDIT_STATE_MACHINE_ARN": self.audit.state_machine,
            "SWEEP_STATE_MACHINE_ARN": self.sweep.state_machine,
        }
        environment = {
            "ALONE_LIMIT_CREDITS": str(self._settings.adjust_alone_credits),
            "SWEEP_AFTER_SECONDS": str(self._settings.sweep_after_seconds),
            "REPORTS_BUCKET_NAME": self.reports.bucket_name,
            **{name: machine.state_machine_arn for name, machine in machines.items()},
        }
        function = self._make("billing/operations", environment, _OPERATES)
        self.table.allow(function, READ, PURCHASE)
        self.table.allow(function, READ + PUT, LEDGER, ADJUSTMENT, OPERATOR_LOG)
        self.table.allow_lists(function, "PURCHASES")
        allow_running(function, *machines.values())
        self.audit.state_machine.grant_execution(function, "states:GetExecutionHistory")
        self._allow_reports(function, "s3:GetObject")
        return function

    def _disputes(self) -> lambda_.Function:
        function = self._make("billing/dispute", self._omise, _CALLS_OMISE, Reach.OMISE)
        self.table.allow(function, READ, PURCHASE)
        self.table.allow(function, PUT, OPERATOR_LOG)
        self.omise_secret.grant_read(function)
        return function

    def _allow_reports(self, grantee: lambda_.Function, *actions: str) -> None:
        """Let a function do this to reports; the CDK's own grants come with a dozen actions."""
        reports = "reconciliation/*"
        grantee.add_to_role_policy(
            iam.PolicyStatement(
                actions=list(actions),
                resources=[self.reports.arn_for_objects(reports)],
            )
        )
        if self._key is not None:
            allow_use(self._key, grantee, "s3")
        acknowledge(
            grantee.role or grantee,
            "The reports, and nothing else.",
            everything_below(self.reports, reports),
        )

    def _make(
        self,
        name: str,
        environment: dict[str, str],
        size: Size | None = None,
        reach: Reach = Reach.ISOLATED,
    ) -> lambda_.Function:
        storage = {"BILLING_TABLE_NAME": self.table.name}
        return self._factory.make(
            self, name, {**storage, **environment}, size=size, reach=reach, key=self._key
        )

    @property
    def _omise(self) -> dict[str, str]:
        return {"OMISE_SECRET_ARN": self.omise_secret.secret_arn}

    def _omise_secret(self) -> secretsmanager.Secret:
        """Make the place for the Omise account; the operator fills it in after the first deploy.

        What the template generates opens nothing, and with no webhook secret in it every webhook
        is refused.
        """
        account = {"api_url": "https://api.omise.co/", "webhook_secrets": []}
        secret = secretsmanager.Secret(
            self,
            "OmiseAccount",
            description=f"Credit Engine {self._settings.stage}: the Omise account",
            encryption_key=self._key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps(account), generate_string_key="secret_key"
            ),
            removal_policy=removal_policy(self._settings),
        )
        acknowledge(
            secret,
            "Omise makes these keys and only its dashboard rotates them; a change of the secret "
            "is picked up within a minute, two webhook secrets at a time.",
            "AwsSolutions-SMG4",
        )
        return secret

    def _allow_settling(self, function: lambda_.Function) -> None:
        """Let a function read Omise's keys, append to ledgers, and move purchases on."""
        self.table.allow(function, READ + PUT, LEDGER, PURCHASE)
        self.omise_secret.grant_read(function)

    def _allow_answering(self, *functions: lambda_.Function) -> None:
        """Let functions answer the saga's task tokens.

        A policy of its own: in the functions' roles it would make a circle, for the state machine
        itself names one of the functions.
        """
        iam.Policy(
            self,
            "AnswersPurchaseSaga",
            roles=[function.role for function in functions if function.role],
            statements=[
                iam.PolicyStatement(
                    actions=["states:SendTaskSuccess"],
                    resources=[self.saga.state_machine.state_machine_arn],
                )
            ],
        )
