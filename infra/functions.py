"""How every Lambda function is made: its code, layers, role, log group, network and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypedDict

from aws_cdk import CfnResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.log_groups import make_log_group
from infra.network import Network, Placement, Reach
from infra.packages import dependencies_code, service_code, shared_code
from infra.settings import StageSettings

_SERVICES: Final = ("identity", "billing", "workflows", "edge")


class Size(NamedTuple):
    """What a function may use: memory, with which CPU comes, and time."""

    memory_mb: int = 512
    timeout_seconds: int = 10


_USUAL: Final = Size()


class _Program(TypedDict):
    runtime: lambda_.Runtime
    architecture: lambda_.Architecture
    code: lambda_.Code
    handler: str
    layers: Sequence[lambda_.ILayerVersion]
    environment: Mapping[str, str]
    tracing: lambda_.Tracing


class FunctionFactory(Construct):
    """Makes the functions of one stage; all share the two layers, and one package per service.

    Parameters
    ----------
    scope
        The stack.
    settings
        The stage's settings.
    network
        Where functions run, or None outside any VPC.
    """

    def __init__(self, scope: Construct, settings: StageSettings, network: Network | None) -> None:
        super().__init__(scope, "Layers")
        self._settings = settings
        self._network = network
        self._made: set[str] = set()
        self._runtime = lambda_.Runtime(
            f"python{settings.runtime.python}", lambda_.RuntimeFamily.PYTHON
        )
        self._tracing = lambda_.Tracing.ACTIVE if settings.tracing else lambda_.Tracing.DISABLED
        self._architecture = {
            "arm64": lambda_.Architecture.ARM_64,
            "x86_64": lambda_.Architecture.X86_64,
        }[settings.runtime.architecture]
        self._layers = [
            self._layer("Dependencies", dependencies_code(settings.runtime)),
            self._layer("Shared", shared_code()),
        ]
        self._code = {service: service_code(service) for service in _SERVICES}

    def make(
        self,
        scope: Construct,
        name: str,
        environment: Mapping[str, str],
        *,
        size: Size | None = None,
        reach: Reach = Reach.ISOLATED,
        key: kms.IKey | None = None,
    ) -> lambda_.Function:
        """Make one function with a role and a log group of its own.

        Parameters
        ----------
        scope, name
            The service's construct; the handler's folder under `functions/`: `billing/webhook`.
        environment
            The settings that only this function has.
        size, reach
            What it may use, and what it can connect to.
        key
            What encrypts its logs, if not CloudWatch's own key.
        """
        title = _title(name)
        placement = self._network.placement(reach) if self._network else Placement()
        log_group = make_log_group(scope, f"{title}Logs", self._settings, key)
        function = lambda_.Function(
            scope,
            title,
            description=f"Credit Engine {self._settings.stage}: {name}",
            role=_role(scope, title, log_group, placement),
            log_group=log_group,
            memory_size=(size or _USUAL).memory_mb,
            timeout=Duration.seconds((size or _USUAL).timeout_seconds),
            reserved_concurrent_executions=self._settings.reserved_concurrency.get(name),
            **self._program(name, environment),
            **placement,
        )
        _name_plainly(function, title)
        self._made.add(name)
        return function

    def verify_reservations(self) -> None:
        """Refuse a reservation for a function that there is not: it would protect nothing.

        Raises
        ------
        ValueError
            Naming what is not made.
        """
        if unknown := sorted(self._settings.reserved_concurrency.keys() - self._made):
            raise ValueError(f"reserved_concurrency names no function: {', '.join(unknown)}")

    def _program(self, name: str, environment: Mapping[str, str]) -> _Program:
        """Say what runs: code, layers and settings of the function in a folder."""
        service, *_ = name.split("/")
        return {
            "runtime": self._runtime,
            "architecture": self._architecture,
            "code": self._code[service],
            "handler": f"{name.replace('/', '.')}.handler.handler",
            "layers": self._layers,
            "environment": {**self._common_environment(service), **environment},
            "tracing": self._tracing,
        }

    def _common_environment(self, service: str) -> dict[str, str]:
        origins = ",".join(self._settings.cors_origins)
        return {
            **({"CORS_ORIGINS": origins} if origins else {}),
            "POWERTOOLS_SERVICE_NAME": service,
            "POWERTOOLS_LOG_LEVEL": self._settings.log_level,
            "STAGE": self._settings.stage,
        }

    def _layer(self, name: str, code: lambda_.Code) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            name,
            code=code,
            compatible_runtimes=[self._runtime],
            compatible_architectures=[self._architecture],
        )


def _role(scope: Construct, title: str, log_group: logs.LogGroup, placement: Placement) -> iam.Role:
    """Make a role that may write to its own log group, and whatever its service grants it."""
    role = iam.Role(scope, f"{title}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log_group.grant_write(role)
    if placement:
        role.add_managed_policy(
            iam.ManagedPolicy.from_aws_managed_policy_name(
                "service-role/AWSLambdaVPCAccessExecutionRole"
            )
        )
    return role


def _title(name: str) -> str:
    """Turn `billing/webhook` into `BillingWebhook`."""
    parts = name.replace("/automations/", "/").replace("/", "_").split("_")
    return "".join(part.capitalize() for part in parts)


def _name_plainly(function: lambda_.Function, title: str) -> None:
    """Give the function an id that people can type: `sam local invoke BillingWebhook`."""
    resource = function.node.default_child
    if isinstance(resource, CfnResource):
        resource.override_logical_id(title)
