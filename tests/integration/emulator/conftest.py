"""Emulators with nothing deployed: one as the project runs it, one as its makers ship it."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local import emulator_alone
from local.aws import Aws
from local.child import Child
from local.deploy import deploy
from local.fingerprint import fingerprint
from local.layout import ACCOUNT, REGION, STACK_NAME

TOY = Path(__file__).parent / "toy"
BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
ARTIFACTS = {
    f"{STACK_NAME}.assets": {
        "type": "cdk:asset-manifest",
        "properties": {"file": "toy.assets.json"},
    },
    STACK_NAME: {
        "type": "aws:cloudformation:stack",
        "dependencies": [f"{STACK_NAME}.assets"],
        "properties": {
            "templateFile": "toy.template.json",
            "requiresBootstrapStackVersion": 6,
            "bootstrapStackVersionSsmParameter": "/cdk-bootstrap/hnb659fds/version",
        },
    },
}


def start(module: str, folder: Path) -> tuple[Child, Aws]:
    """Start an emulator that keeps all its files in `folder`, and wait until it serves."""
    return emulator_alone.start(folder, module)


@pytest.fixture(scope="session")
def start_emulator() -> Callable[[str, Path], tuple[Child, Aws]]:
    """Starts an emulator by its module, with its files in a folder."""
    return start


@pytest.fixture(scope="session")
def client_of() -> Callable[[str, str], Any]:
    """Makes a client of any service, for the emulator at an endpoint."""

    def connect(endpoint_url: str, service: str) -> Any:  # noqa: ANN401 - one type per service
        return boto3.client(
            service,  # type: ignore[call-overload]  # a name that is only known at run time
            endpoint_url=endpoint_url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
        )

    return connect


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """The emulator with the project's patches."""
    child, aws = start(emulator_alone.PATCHED, tmp_path_factory.mktemp("patched"))
    yield aws
    child.end()


@pytest.fixture(scope="session")
def stock_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """The emulator without any patch."""
    child, aws = start(emulator_alone.STOCK, tmp_path_factory.mktemp("stock"))
    yield aws
    child.end()


@pytest.fixture(scope="session")
def toy_assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cloud assembly as the CDK would write it: one stack, a function and a layer."""
    folder = tmp_path_factory.mktemp("assembly")
    template = (TOY / "template.json").read_text(encoding="utf-8")
    files = {}
    for part in ("function", "layer"):
        shutil.copytree(TOY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        digest = fingerprint(TOY, [part])
        files[digest] = asset(part, "zip", f"{digest}.zip")
        template = template.replace(f"{part.upper()}.zip", f"{digest}.zip")
    (folder / "toy.template.json").write_text(template, encoding="utf-8")
    files["template"] = asset("toy.template.json", "file", "template.json")
    dump(folder / "toy.assets.json", {"files": files})
    dump(folder / "manifest.json", {"artifacts": ARTIFACTS})
    return folder


def asset(path: str, packaging: str, key: str) -> dict[str, Any]:
    """One entry of an asset manifest."""
    destination = {"bucketName": BUCKET, "objectKey": key}
    return {
        "source": {"path": path, "packaging": packaging},
        "destinations": {"current": destination},
    }


def dump(path: Path, content: object) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="session")
def toy(emulator: Aws, toy_assembly: Path) -> dict[str, str]:
    """The toy stack's outputs, on the patched emulator."""
    return deploy(emulator, toy_assembly, STACK_NAME)


@pytest.fixture(scope="session")
def stock_toy(stock_emulator: Aws, toy_assembly: Path) -> dict[str, str]:
    """The toy stack's outputs, on the stock emulator."""
    return deploy(stock_emulator, toy_assembly, STACK_NAME)
