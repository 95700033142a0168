"""How every Lambda function is made: its code, layers, role, log group, network and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypedDict

from aws_cdk import Annotations, CfnResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.byte_code import interpreter
from infra.log_groups import make_log_group
from infra.network import Network, Placement, Reach
from infra.packages import dependencies_code, service_code, shared_code
from infra.routes import SERVING
from infra.settings import StageSettings

_SERVICES: Final = ("identity", "billing", "workflows", "edge")
_INTERFACE_ACTIONS: Final = (
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
)

# Why rules do not hold for our functions.
_WITHOUT_RESOURCES: Final = (
    "X-Ray, the list of streams and network interfaces that do not exist yet have no ARN to name; "
    "test_d03_nothing_is_allowed_on_everything lists every action there is."
)
_RUNTIME: Final = "Python 3.13 starts fastest of the runtimes that the code runs on (ADR 18)."
_CALLERS: Final = (
    "Its callers wait for the answer (gateway, state machine), keep what failed (stream, with a "
    "queue) or come again by themselves (schedule); nothing is dropped for want of a queue."
)
_ENVIRONMENT: Final = (
    "Names and numbers, encrypted by AWS's key; test_d02_no_secret_in_a_functions_environment."
)
_SHARED_POOL: Final = (
    "Shares the account's pool, which the gateway's throttle or its state machine bounds; those "
    "that need a share or a bound of their own are in reserved_concurrency."
)
_OUTSIDE: Final = (
    "Fetches what users name: outside the network it reaches the internet and nothing of ours."
)


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
    """Makes the functions of one stage.

    Those of a service share a package and a layer of libraries; all share the kernel's layer.

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
            f"python{settings.runtime.python}",
            lambda_.RuntimeFamily.PYTHON,
            supports_snap_start=True,
        )
        self._tracing = lambda_.Tracing.ACTIVE if settings.tracing else lambda_.Tracing.DISABLED
        self._architecture = {
            "arm64": lambda_.Architecture.ARM_64,
            "x86_64": lambda_.Architecture.X86_64,
        }[settings.runtime.architecture]
        self._warn_without_byte_code()
        shared = self._layer("Shared", shared_code(settings.runtime))
        self._layers = {service: [self._dependencies(service), shared] for service in _SERVICES}
        self._code = {service: service_code(service, settings.runtime) for service in _SERVICES}

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
            snap_start=self._snap_start(name),
            reserved_concurrent_executions=self._settings.reserved_concurrency.get(name),
            **self._program(name, environment),
            **placement,
        )
        _name_plainly(function, title)
        _acknowledge_design(
            function, reach, is_reserved=name in self._settings.reserved_concurrency
        )
        self._made.add(name)
        return function

    def _snap_start(self, name: str) -> lambda_.SnapStartConf | None:
        """Start from snapshots where the stage says so and somebody waits for the answer."""
        if self._settings.snap_start and name in SERVING:
            return lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS
        return None

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
            "layers": self._layers[service],
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

    def _warn_without_byte_code(self) -> None:
        python = self._settings.runtime.python
        if interpreter(python) is None:
            Annotations.of(self).add_warning_v2(
                "credit-engine:no-byte-code",
                f"There is no Python {python} on this machine, so packages go without byte code and"
                f" cold starts take twice as long. Install one: `uv python install {python}`.",
            )

    def _dependencies(self, service: str) -> lambda_.LayerVersion:
        code = dependencies_code(service, self._settings.runtime)
        return self._layer(f"{service.capitalize()}Dependencies", code)

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
        role.add_to_policy(_network_interfaces())
    acknowledge(role, _WITHOUT_RESOURCES, "AwsSolutions-IAM5[Resource::*]")
    return role


def _network_interfaces() -> iam.PolicyStatement:
    """Let Lambda itself put the function into its subnets, and not the function's code.

    Requests of the code carry the function's ARN, those of the service do not (Lambda, "Using
    source function ARN to control function access behavior").
    """
    return iam.PolicyStatement(
        actions=[f"ec2:{action}" for action in _INTERFACE_ACTIONS],
        resources=["*"],
        conditions={"Null": {"lambda:SourceFunctionArn": "true"}},
    )


def _acknowledge_design(function: lambda_.Function, reach: Reach, *, is_reserved: bool) -> None:
    acknowledge(function, _RUNTIME, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
    acknowledge(function, _CALLERS, "Serverless-LambdaDLQ", "CKV_AWS_116")
    acknowledge(function, _ENVIRONMENT, "CKV_AWS_173")
    if not is_reserved:
        acknowledge(function, _SHARED_POOL, "CKV_AWS_115")
    if reach is Reach.INTERNET:
        acknowledge(function, _OUTSIDE, "PCI.DSS.321-LambdaInsideVPC", "CKV_AWS_117")


def _title(name: str) -> str:
    """Turn `billing/webhook` into `BillingWebhook`."""
    parts = name.replace("/automations/", "/").replace("/", "_").split("_")
    return "".join(part.capitalize() for part in parts)


def _name_plainly(function: lambda_.Function, title: str) -> None:
    """Give the function an id that people can type: `sam local invoke BillingWebhook`."""
    resource = function.node.default_child
    if isinstance(resource, CfnResource):
        resource.override_logical_id(title)
