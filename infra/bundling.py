"""Wheels for the dependencies layers, installed by uv for the runtime's platform; no Docker.

Each service has a layer of what it imports: Lambda fetches and unpacks a layer at a cold start, and
half of all wheels is identity's cryptography. A layer is built once for each service, lock and
target, and kept under `.local/cache/layers`, so that only
the first synthesis after a change of the lock waits for it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import jsii
from aws_cdk import ILocalBundling

from infra.byte_code import compile_ahead, signature
from infra.settings import RuntimeTarget

ROOT: Final = Path(__file__).parent.parent
LOCK: Final = ROOT / "layers/dependencies/requirements.txt"
RUNTIME_LOCK: Final = ROOT / "layers/dependencies/runtime.txt"
_CACHE: Final = ROOT / ".local/cache/layers"
_TIMEOUT_SECONDS: Final = 300
_RECIPE: Final = "2"  # part of the hash: raise it when this module changes what it builds

# The runtime brings the SDK and what only the SDK needs. urllib3 stays ours: our own adapters
# import it, and its version is then the lock's.
_OURS: Final = frozenset({"urllib3"})
# Needed by what we never call: dnspython to look up mail servers, pycparser to compile with cffi,
# the rest to trace by patching libraries.
_UNUSED: Final = frozenset({"aws-xray-sdk", "dnspython", "pycparser", "wrapt"})
# Who imports what; a package that is not named here goes to everybody.
_IMPORTERS: Final[Mapping[str, frozenset[str]]] = {
    package: frozenset(services)
    for packages, services in (
        (("argon2-cffi", "argon2-cffi-bindings", "cffi", "cryptography", "pyjwt"), ("identity",)),
        (("email-validator",), ("identity",)),
        (("idna",), ("identity", "billing")),
        (("certifi", "charset-normalizer", "omise", "requests", "urllib3"), ("billing",)),
        (("attrs", "jsonschema", "jsonschema-specifications"), ("workflows",)),
        (("referencing", "rpds-py"), ("workflows",)),
        (("annotated-types", "pydantic", "pydantic-core"), ("identity", "billing", "workflows")),
        (("typing-inspection",), ("identity", "billing", "workflows")),
    )
    for package in packages
}
_PINNED_NAME: Final = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)

# What no function imports. The `.dist-info` folders stay: libraries look up versions there.
_USELESS_FOLDERS: Final = frozenset({"bin", "test", "tests", "__pycache__", "wrapt-stubs"})
_USELESS_SUFFIXES: Final = frozenset({".c", ".css", ".h", ".js", ".pxd", ".pyi", ".pyx"})
_USELESS_FILES: Final = frozenset({"RECORD", "REQUESTED", "INSTALLER", "direct_url.json"})
# No function imports these at its start; compiled, they would be a sixth of a layer.
_NOT_COMPILED: Final = (
    r"/pydantic/(v1|mypy\.py)"
    r"|/aws_lambda_powertools/(event_handler|utilities/(?!jmespath_utils|__init__))"
)


@jsii.implements(ILocalBundling)
class DependenciesBundling:
    """Puts a service's locked wheels where the CDK wants the layer.

    Parameters
    ----------
    service
        Whose layer it is.
    target
        The platform and Python to take wheels for.
    cache
        Where finished layers are kept.
    """

    def __init__(self, service: str, target: RuntimeTarget, cache: Path = _CACHE) -> None:
        self._service = service
        self._target = target
        self._layer = cache / asset_hash(service, target)

    def try_bundle(self, output_dir: str, *_options: object, **_more: object) -> bool:
        """Fill the CDK's output folder; always succeeds or raises.

        Raises
        ------
        subprocess.CalledProcessError, subprocess.TimeoutExpired
            If uv cannot install the lock for the target.
        """
        if not self._layer.is_dir():
            build_layer(self._service, self._target, self._layer)
        shutil.copytree(self._layer, output_dir, dirs_exist_ok=True)
        return True


def asset_hash(service: str, target: RuntimeTarget) -> str:
    """Name a layer by all that decides what is in it: the locks, the target and the recipe."""
    decisive = (_RECIPE, service, target.model_dump_json(), signature(target.python))
    digest = hashlib.sha256("\n".join(decisive).encode())
    if target.uv_platform is None:
        digest.update(f"{sys.implementation.cache_tag} {sys.platform}\n".encode())
    for lock in (LOCK, RUNTIME_LOCK):
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def build_layer(service: str, target: RuntimeTarget, destination: Path) -> None:
    """Install, strip and compile a layer, and move it to its place in one step.

    Parameters
    ----------
    service
        Whose layer it is.
    target
        The platform and Python to take wheels for.
    destination
        The folder to make; it holds `python/`, as a Lambda layer does.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent) as folder:
        packages = Path(folder, "layer", "python")
        excluded = Path(folder, "excluded.txt")
        excluded.write_text("\n".join(excluded_packages(service, target)))
        _install(target, packages, excluded)
        for path in useless_paths(packages):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        compile_ahead(packages, target.python, "/opt/python", leave=_NOT_COMPILED)
        _publish(packages.parent, destination)


def install_arguments(target: RuntimeTarget, packages: Path, excluded: Path) -> list[str]:
    """Say how uv is called: hashes required, wheels only, nothing built."""
    arguments = ["pip", "install", "--quiet", "--no-config", "--require-hashes"]
    arguments += ["--only-binary", ":all:", "--target", str(packages), "-r", str(LOCK)]
    arguments += ["--excludes", str(excluded)]
    if not target.has_aws_sdk:
        arguments += ["-r", str(RUNTIME_LOCK)]
    if target.uv_platform is not None:
        arguments += ["--python-platform", target.uv_platform, "--python-version", target.python]
    return arguments


def excluded_packages(service: str, target: RuntimeTarget) -> list[str]:
    """Name the locked packages that a layer leaves out: unused, or brought by the runtime."""
    sdk = set(_PINNED_NAME.findall(RUNTIME_LOCK.read_text()))
    others = {package for package, services in _IMPORTERS.items() if service not in services}
    return sorted(_UNUSED | (others | sdk - _OURS if target.has_aws_sdk else others - sdk))


def useless_paths(packages: Path) -> Iterator[Path]:
    """Find what a function never imports, folders before their content is looked at."""
    for folder, subfolders, files in os.walk(packages):
        for name in sorted(_USELESS_FOLDERS.intersection(subfolders)):
            subfolders.remove(name)
            yield Path(folder, name)
        for name in files:
            if name in _USELESS_FILES or Path(name).suffix in _USELESS_SUFFIXES:
                yield Path(folder, name)


def _install(target: RuntimeTarget, packages: Path, excluded: Path) -> None:
    uv = [sys.executable, "-m", "uv"]
    subprocess.run(  # noqa: S603  # fixed arguments
        [*uv, *install_arguments(target, packages, excluded), "--python", sys.executable],
        check=True,
        timeout=_TIMEOUT_SECONDS,
        stdout=sys.stderr,
    )


def _publish(layer: Path, destination: Path) -> None:
    try:
        layer.rename(destination)
    except OSError:
        if not destination.is_dir():  # else another synthesis was first, with the same content
            raise
