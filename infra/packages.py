"""What is deployed: one package of code per service, and the two layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from aws_cdk import AssetHashType, BundlingOptions, DockerImage, IgnoreMode
from aws_cdk import aws_lambda as lambda_

from infra.bundling import ROOT, DependenciesBundling, asset_hash
from infra.edge_package import edge_code
from infra.settings import RuntimeTarget

# Workflows debits accounts through billing's published interface, so its package holds both.
_CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "identity": ("identity",),
    "billing": ("billing",),
    "workflows": ("workflows", "billing"),
}
# Byte code changes with every test run, and with it the hash of the package would.
_NEVER_SHIPPED: Final = ("__pycache__", "*.pyc")


def service_code(service: str) -> lambda_.Code:
    """Package a service as it imports: `functions/` is the root, other services stay out."""
    if service == "edge":
        return edge_code()
    wanted = (f"!/{folder}" for folder in _CONTENTS[service])
    return _source("functions", ["/*", *wanted, *_NEVER_SHIPPED])


def shared_code() -> lambda_.Code:
    """Package the kernel as a layer."""
    return _source("layers/shared", _NEVER_SHIPPED)


def dependencies_code(target: RuntimeTarget) -> lambda_.Code:
    """Package the locked wheels of a target as a layer."""
    return lambda_.Code.from_asset(
        str(ROOT / "layers/dependencies"),
        asset_hash=asset_hash(target),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            # Named because the CDK wants one; the wheels come from the local bundling.
            image=DockerImage.from_registry("none"),
            local=DependenciesBundling(target),
        ),
    )


def _source(folder: str, exclude: Iterable[str]) -> lambda_.Code:
    return lambda_.Code.from_asset(
        str(ROOT / folder), exclude=list(exclude), ignore_mode=IgnoreMode.GIT
    )
