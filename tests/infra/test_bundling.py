"""The dependencies layers: what goes in, what stays out, and when it is built again."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra import bundling
from infra.bundling import (
    DependenciesBundling,
    asset_hash,
    excluded_packages,
    install_arguments,
    useless_paths,
)
from infra.code_package import CodeBundling
from infra.packages import service_contents
from infra.settings import LAMBDA_RUNTIME, STAGES, RuntimeTarget

HOST = STAGES["local"].runtime
SERVICES = ("identity", "billing", "workflows", "edge")


def written(root: Path, *names: str) -> None:
    """Make files."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def test_lambda_brings_the_sdk_and_the_emulator_does_not() -> None:
    """For AWS the layers leave boto3 and what only it needs to the runtime."""
    for service in SERVICES:
        in_aws = excluded_packages(service, LAMBDA_RUNTIME)
        assert {"boto3", "botocore", "s3transfer"} <= set(in_aws)
        assert not {"boto3", "botocore", "urllib3"} & set(excluded_packages(service, HOST))


def test_urllib3_stays_at_our_version() -> None:
    """The runtime has one too, but our adapters import it, so the lock decides."""
    assert "urllib3" not in excluded_packages("billing", LAMBDA_RUNTIME)


@pytest.mark.parametrize("target", [LAMBDA_RUNTIME, HOST], ids=["lambda", "host"])
def test_only_locked_wheels_are_installed(target: RuntimeTarget) -> None:
    """Every file's hash is checked, and nothing is built from source."""
    arguments = install_arguments(target, Path("out"), Path("excluded"))
    assert "--require-hashes" in arguments
    assert arguments[arguments.index("--only-binary") + 1] == ":all:"


def test_aws_wheels_are_for_lambdas_platform_and_python() -> None:
    """Whatever machine synthesises, the layer is for arm64 and the runtime's Python."""
    arguments = install_arguments(LAMBDA_RUNTIME, Path("out"), Path("excluded"))
    assert arguments[arguments.index("--python-platform") + 1] == "aarch64-manylinux_2_28"
    assert arguments[arguments.index("--python-version") + 1] == "3.13"
    assert "--python-platform" not in install_arguments(HOST, Path("out"), Path("excluded"))


def test_what_no_function_imports_is_found(tmp_path: Path) -> None:
    """Tests, stubs and sources of extensions go; code and metadata stay."""
    kept = ("p/__init__.py", "p/module.so", "p-1.dist-info/METADATA", "p-1.dist-info/licenses/L")
    useless = ("p/tests/test_p.py", "p/stub.pyi", "p/ext.c", "bin/tool", "p-1.dist-info/RECORD")
    written(tmp_path, *kept, *useless)
    found = {path.relative_to(tmp_path).as_posix() for path in useless_paths(tmp_path)}
    assert found == {"p/tests", "p/stub.pyi", "p/ext.c", "bin", "p-1.dist-info/RECORD"}


def test_the_hash_is_the_same_at_every_synthesis() -> None:
    """It depends on locks and target, not on file times or on what is in the layer."""
    assert asset_hash("billing", LAMBDA_RUNTIME) == asset_hash("billing", LAMBDA_RUNTIME)
    assert asset_hash("billing", LAMBDA_RUNTIME) != asset_hash("billing", HOST)
    assert asset_hash("billing", LAMBDA_RUNTIME) != asset_hash("identity", LAMBDA_RUNTIME)


def test_the_hash_changes_with_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version of a dependency makes a new layer."""
    before = asset_hash("billing", LAMBDA_RUNTIME)
    written(tmp_path, "lock.txt")
    monkeypatch.setattr(bundling, "LOCK", tmp_path / "lock.txt")
    assert asset_hash("billing", LAMBDA_RUNTIME) != before


def test_the_hash_says_whether_there_is_byte_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was built without an interpreter is not taken for what was built with one."""
    hashes = set()
    for said in ("byte code 3.13", "no byte code"):
        monkeypatch.setattr(bundling, "signature", lambda _python, said=said: said)
        hashes.add(asset_hash("billing", LAMBDA_RUNTIME))
    assert len(hashes) == 2


def test_a_layer_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second synthesis copies what the first one built."""
    built = []

    def build(service: str, target: RuntimeTarget, destination: Path) -> None:
        built.append((service, target))
        written(destination, "python/p/__init__.py")

    monkeypatch.setattr(bundling, "build_layer", build)
    for output in ("one", "two"):
        layer = DependenciesBundling("billing", HOST, tmp_path / "cache")
        assert layer.try_bundle(str(tmp_path / output))
        assert (tmp_path / output / "python/p/__init__.py").is_file()
    assert built == [("billing", HOST)]


@pytest.mark.parametrize(
    ("service", "brought"),
    [
        ("identity", ("pydantic", "jwt", "argon2", "cryptography")),
        ("billing", ("pydantic", "omise", "requests", "urllib3")),
        ("workflows", ("pydantic", "jsonschema")),
        ("edge", ("aws_lambda_powertools",)),
    ],
)
def test_lambdas_layers_are_small_and_without_the_sdk(
    service: str, brought: Sequence[str], tmp_path: Path
) -> None:
    """What a cold start has to fetch and unpack stays under 10 MB zipped, byte code included."""
    layer = tmp_path / "layer"
    assert DependenciesBundling(service, LAMBDA_RUNTIME).try_bundle(str(layer))
    names = {path.name for path in (layer / "python").iterdir()}
    assert set(brought) <= names
    assert not {"boto3", "botocore"} & names
    assert ("cryptography" in names) is (service == "identity")
    archive = shutil.make_archive(str(tmp_path / "layer"), "zip", layer)
    assert Path(archive).stat().st_size <= 10_000_000


@pytest.mark.parametrize("service", ["identity", "billing", "workflows"])
def test_packages_of_our_own_code_are_small(service: str, tmp_path: Path) -> None:
    """With their byte code they stay under 1 MB zipped."""
    package = tmp_path / "package"
    CodeBundling(service_contents(service), HOST.python, "/var/task").try_bundle(str(package))
    archive = shutil.make_archive(str(tmp_path / "package"), "zip", package)
    assert Path(archive).stat().st_size <= 1_000_000
