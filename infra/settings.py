"""How the stages differ: one frozen settings object for each, checked when it is made.

What only the operator knows of a stage (domains, sites, Omise's public key) is in
`deployments/<stage>.toml`; each of its lines takes the place of a default here.
"""

from __future__ import annotations

import json
import platform
import sys
import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from billing.domain.amounts import MAX_CREDITS
from billing.domain.charge import LATEST_EFFECT

StageName = Literal["local", "dev", "staging", "prod"]
Count = Annotated[int, Field(ge=1)]
HostName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")]
Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
FunctionName = Annotated[str, Field(pattern=r"^[a-z_]+(/[a-z_]+)+$")]
# CloudFront takes certificates and web ACLs of us-east-1 alone.
_ARN_BEGINS: Final = r"^arn:aws(-[a-z]+)*"
GlobalWebAcl = Annotated[
    str, Field(pattern=_ARN_BEGINS + r":wafv2:us-east-1:[0-9]{12}:global/webacl/[\w-]+/[0-9a-f-]+$")
]

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


class _Strict(BaseModel):
    """Closed, immutable, and nothing coerced: a wrong setting fails the synthesis."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RuntimeTarget(_Strict):
    """What the functions' wheels are built for.

    `uv_platform` is a platform of `uv pip install --python-platform`, or None for the machine that
    synthesises. `has_aws_sdk` tells whether the runtime brings boto3 itself, as Lambda's does.
    """

    python: Annotated[str, Field(pattern=r"^3\.1[1-4]$")]
    architecture: Literal["arm64", "x86_64"]
    uv_platform: str | None
    has_aws_sdk: bool


class Throttle(_Strict):
    """The gateway's limit over all clients: requests a second, and how many at once."""

    rate: Count
    burst: Count


class Domain(_Strict):
    """A domain name of the operator's, with the ACM certificate for it.

    The name's record in the DNS is the operator's, too: an alias or CNAME to what the stack's
    outputs name.
    """

    name: Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]
    certificate_arn: Annotated[
        str,
        Field(pattern=_ARN_BEGINS + r":acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$"),
    ]

    @property
    def certificate_region(self) -> str:
        """Where the certificate is."""
        return self.certificate_arn.split(":")[3]


class StageSettings(_Strict):
    """Everything in which one stage differs from another; durations in seconds.

    `group_commit_after` is after how many lost attempts of its own a debit joins others of the
    same account in one transaction; None: never (ADR 29).
    """

    stage: StageName
    runtime: RuntimeTarget
    log_level: Literal["DEBUG", "INFO", "WARNING"]
    log_retention_days: Literal[1, 14, 90, 400]
    runbooks_url: Annotated[str, Field(pattern=r"^\S+$")]
    throttle: Throttle
    cors_origins: tuple[Origin, ...]

    retain_data: bool
    deletion_protection: bool
    point_in_time_recovery: bool
    customer_managed_keys: bool
    tracing: bool
    snap_start: bool
    access_logs: bool
    private_network: bool
    firewall: bool
    firewall_requests_per_5_minutes: Annotated[int, Field(ge=100)]
    dns_firewall: bool
    reserved_concurrency: Mapping[FunctionName, Count]
    api_domain: Domain | None

    hosts_console: bool
    console_domain: Domain | None
    console_web_acl_arn: GlobalWebAcl | None
    omise_public_key: Annotated[str, Field(pattern=r"^(pkey_[0-9a-z_]{8,64})?$")]
    origin_proof: Label

    signing_keys: Annotated[tuple[Label, ...], Field(min_length=1, max_length=4)]
    access_token_seconds: Annotated[int, Field(ge=MINUTE, le=HOUR)]
    refresh_token_seconds: Annotated[int, Field(ge=HOUR, le=90 * DAY)]
    address_failures_limit: Count

    return_uri_hosts: tuple[HostName, ...]
    return_uri_insecure_hosts: tuple[HostName, ...]
    webhook_signatures: Literal["required", "off"]
    payment_expiry_seconds: Annotated[int, Field(ge=MINUTE, le=DAY)]
    reconcile_intervals_seconds: Annotated[tuple[Count, ...], Field(min_length=1, max_length=8)]
    find_intervals_seconds: tuple[Count, Count, Count]
    # How often a saga's step is tried again, and the longest wait before that.
    step_retries: Annotated[int, Field(ge=1, le=10)]
    step_retry_seconds: Count
    sweep_after_seconds: Count
    sweep_minutes: Count
    thorough_sweep_minutes: Count
    outputs_retention_days: Count
    group_commit_after: Annotated[int, Field(ge=0, le=8)] | None
    reconciliation_days: Annotated[int, Field(ge=1, le=60)]
    reconciliation_grace_seconds: Annotated[int, Field(ge=0, le=DAY)]
    reports_retention_days: Count
    # The most that one operator may give or take alone; more needs a second one.
    adjust_alone_credits: Annotated[int, Field(ge=0, le=MAX_CREDITS)]

    @property
    def is_local(self) -> bool:
        """Whether the stage runs on the emulator, without what only AWS itself has."""
        return self.stage == "local"

    @model_validator(mode="after")
    def _intervals_grow(self) -> Self:
        for name in ("reconcile_intervals_seconds", "find_intervals_seconds"):
            intervals: tuple[int, ...] = getattr(self, name)
            if any(later < earlier for earlier, later in pairwise(intervals)):
                raise ValueError(f"{name} must not shrink: {intervals}")
        return self

    @model_validator(mode="after")
    def _absence_is_certain(self) -> Self:
        """Ask Omise again only when what was asked for before can no longer appear."""
        looked_for = sum(self.find_intervals_seconds)
        if not self.is_local and looked_for < LATEST_EFFECT.total_seconds():
            raise ValueError(f"find_intervals_seconds end after {looked_for} s, too early")
        return self

    @model_validator(mode="after")
    def _cards_can_come_back(self) -> Self:
        """Know a place to come back to from 3-D Secure: the console is one."""
        if not self.hosts_console and not self.return_uri_hosts:
            raise ValueError("without the console, return_uri_hosts must name a site")
        return self

    @model_validator(mode="after")
    def _certificates_are_where_they_are_used(self) -> Self:
        if self.console_domain and self.console_domain.certificate_region != "us-east-1":
            raise ValueError("console_domain needs a certificate of us-east-1, as CloudFront does")
        return self

    @model_validator(mode="after")
    def _names_are_looked_up_where_there_is_a_network(self) -> Self:
        if self.dns_firewall and not self.private_network:
            raise ValueError("dns_firewall needs private_network")
        return self

    @model_validator(mode="after")
    def _production_is_protected(self) -> Self:
        protections = ("retain_data", "deletion_protection", "point_in_time_recovery")
        missing = [name for name in protections if not getattr(self, name)]
        if self.stage == "prod" and missing:
            raise ValueError(f"prod needs {', '.join(missing)}")
        if self.stage != "local" and self.webhook_signatures == "off":
            raise ValueError("only the local stage may take unsigned webhooks")
        if self.is_local and self.snap_start:
            raise ValueError("only Lambda itself has snapshots to start from")
        return self


def _host_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _host_runtime() -> RuntimeTarget:
    """Describe this machine: the emulator runs functions under an interpreter of its own."""
    is_arm = platform.machine().lower() in {"arm64", "aarch64"}
    return RuntimeTarget(
        python=_host_python(),
        architecture="arm64" if is_arm else "x86_64",
        uv_platform=None,
        has_aws_sdk=False,
    )


LAMBDA_RUNTIME: Final = RuntimeTarget(
    python="3.13", architecture="arm64", uv_platform="aarch64-manylinux_2_28", has_aws_sdk=True
)

_LOCAL: Final = StageSettings(
    stage="local",
    runtime=_host_runtime(),
    log_level="INFO",
    log_retention_days=1,
    runbooks_url="docs/runbooks.md",
    throttle=Throttle(rate=10_000, burst=5_000),
    cors_origins=(),
    retain_data=False,
    deletion_protection=False,
    point_in_time_recovery=False,
    customer_managed_keys=False,
    tracing=False,
    # Costs by the hour for every function behind the API: docs/operations/cold-starts.md.
    snap_start=False,
    access_logs=False,
    private_network=False,
    firewall=False,
    firewall_requests_per_5_minutes=2_000,
    dns_firewall=False,
    reserved_concurrency={},
    api_domain=None,
    hosts_console=False,
    console_domain=None,
    console_web_acl_arn=None,
    omise_public_key="",
    origin_proof="first",
    signing_keys=("primary",),
    access_token_seconds=15 * MINUTE,
    refresh_token_seconds=30 * DAY,
    address_failures_limit=10_000,
    return_uri_hosts=("localhost", "127.0.0.1", "example.com"),
    return_uri_insecure_hosts=("localhost", "127.0.0.1"),
    webhook_signatures="required",
    payment_expiry_seconds=90,
    reconcile_intervals_seconds=(3, 5, 10, 15),
    find_intervals_seconds=(1, 2, 4),
    step_retries=5,
    step_retry_seconds=20,
    sweep_after_seconds=30,
    sweep_minutes=5,
    thorough_sweep_minutes=1,
    outputs_retention_days=30,
    group_commit_after=None,
    reconciliation_days=7,
    reconciliation_grace_seconds=0,
    reports_retention_days=30,
    adjust_alone_credits=MAX_CREDITS,
)

_AWS: Final[Mapping[str, object]] = {
    "runtime": LAMBDA_RUNTIME,
    "tracing": True,
    "access_logs": True,
    "address_failures_limit": 100,
    "hosts_console": True,
    "return_uri_hosts": (),  # beside the console, the operator's own sites
    "return_uri_insecure_hosts": (),
    "runbooks_url": "https://example.com/docs/runbooks.md",  # the operator says where a copy is
    "payment_expiry_seconds": DAY,
    "reconcile_intervals_seconds": (60, 300, 900, 3600),
    # Long enough in all for a charge to appear whose answer was lost: LATEST_EFFECT.
    "find_intervals_seconds": (10, 50, 600),
    "step_retries": 8,
    "step_retry_seconds": 5 * MINUTE,
    # Longer than the saga's longest wait, so that it had its chance.
    "reconciliation_grace_seconds": 2 * HOUR,
    "sweep_after_seconds": 15 * MINUTE,
    "sweep_minutes": 5,
    "thorough_sweep_minutes": 24 * 60,
}

_DEV: Final = _LOCAL.model_copy(
    update={
        **_AWS,
        "stage": "dev",
        "log_retention_days": 14,
        "throttle": Throttle(rate=50, burst=100),
    }
)

_STAGING: Final = _DEV.model_copy(
    update={
        "stage": "staging",
        "log_retention_days": 90,
        "throttle": Throttle(rate=200, burst=400),
        "retain_data": True,
        "point_in_time_recovery": True,
        "customer_managed_keys": True,
        "private_network": True,
        "firewall": True,
        "dns_firewall": True,
        "outputs_retention_days": 90,
        "adjust_alone_credits": 1_000,
    }
)

_PROD: Final = _STAGING.model_copy(
    update={
        "stage": "prod",
        # PCI DSS 4.0.1, 10.5.1: audit history of at least twelve months.
        "log_retention_days": 400,
        "reports_retention_days": 400,
        "throttle": Throttle(rate=1_000, burst=2_000),
        "deletion_protection": True,
        # A reservation is a guarantee and a limit. Hashing passwords costs a core each, and a
        # stranger can ask for it; what takes payments keeps a share whatever else is going on;
        # strangers' websites and Omise are not to be flooded by us. 340 of an account's 1,000.
        "reserved_concurrency": {
            "identity/register": 20,
            "identity/login": 60,
            "billing/webhook": 100,
            "billing/saga": 60,
            "billing/purchase": 60,
            "workflows/automations/website_check": 40,
        },
    }
)

STAGES: Final[Mapping[str, StageSettings]] = {
    # model_copy does not validate, so each goes through the model once more.
    settings.stage: StageSettings.model_validate(dict(settings))
    for settings in (_LOCAL, _DEV, _STAGING, _PROD)
}


# What a file in `deployments/` may say. Nothing else: no file weakens a stage.
OPERATORS: Final = frozenset(
    {
        "api_domain",
        "console_domain",
        "console_web_acl_arn",
        "cors_origins",
        "dns_firewall",
        "firewall_requests_per_5_minutes",
        "omise_public_key",
        "origin_proof",
        "reserved_concurrency",
        "return_uri_hosts",
        "runbooks_url",
        "throttle",
    }
)
DEPLOYMENTS: Final = Path(__file__).parent.parent / "deployments"


def settings_of(stage: str, deployments: Path = DEPLOYMENTS) -> StageSettings:
    """Return the settings of a stage, with what the operator's file says of it.

    Parameters
    ----------
    stage
        The stage.
    deployments
        The folder with a file for each stage that the operator has something to say about.

    Raises
    ------
    ValueError
        If there is no such stage, or the file says what it may not, or what cannot be.
    """
    if stage not in STAGES:
        raise ValueError(f"no stage {stage!r}; there are {', '.join(STAGES)}")
    file = deployments / f"{stage}.toml"
    if not file.is_file():
        return STAGES[stage]
    given = tomllib.loads(file.read_text(encoding="utf-8"))
    if unknown := sorted(given.keys() - OPERATORS):
        raise ValueError(f"{file.name} may not set {', '.join(unknown)}")
    values = {**STAGES[stage].model_dump(mode="json"), **given}
    return StageSettings.model_validate_json(json.dumps(values))
