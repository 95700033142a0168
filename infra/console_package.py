"""The console's files, built by Vite when a stage is synthesised; no Docker.

A build is kept under `.local/cache/console`, named by its sources, so that only a synthesis after a
change of the console waits for it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_s3_deployment as deployment

from infra.bundling import ROOT

_SOURCES: Final = (
    "package-lock.json",
    "web/index.html",
    "web/package.json",
    "web/public",
    "web/src",
    "web/tsconfig.json",
    "web/vite.config.ts",
)
_CACHE: Final = ROOT / ".local/cache/console"
_TIMEOUT_SECONDS: Final = 120


class ConsoleNotBuiltError(Exception):
    """The console could not be built; the message says what to do, or what Vite said."""


@jsii.implements(ILocalBundling)
class ConsoleBundling:
    """Puts the files of one folder of the build where the CDK wants them.

    Parameters
    ----------
    folder
        A folder of the build, such as `assets/`, or nothing for the files outside all of them.
    folders
        All folders that are packaged on their own.
    """

    def __init__(self, folder: str, folders: tuple[str, ...]) -> None:
        self._folder = folder
        self._others = {name.strip("/") for name in folders if name != folder}

    def try_bundle(self, output_dir: str, *_options: object, **_more: object) -> bool:
        """Fill the CDK's output folder; always succeeds or raises.

        Raises
        ------
        ConsoleNotBuiltError
            If the console cannot be built.
        """
        left_out = shutil.ignore_patterns(*self._others)
        source = built_console() / self._folder
        shutil.copytree(source, output_dir, dirs_exist_ok=True, ignore=left_out)
        return True


def console_source(folder: str, folders: tuple[str, ...]) -> deployment.ISource:
    """Package one folder of the built console; the parameters are those of `ConsoleBundling`."""
    return deployment.Source.asset(
        str(ROOT / "web"),
        asset_hash=f"{sources_hash()}{hashlib.sha256(folder.encode()).hexdigest()[:8]}",
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            # Named because the CDK wants one; the files come from the local bundling.
            image=DockerImage.from_registry("none"),
            local=ConsoleBundling(folder, folders),
        ),
    )


def built_console(cache: Path = _CACHE) -> Path:
    """Return the folder of the built console, and build it first if need be.

    Raises
    ------
    ConsoleNotBuiltError
        If that fails.
    """
    folder = cache / sources_hash()
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:
            _build(Path(made, "dist"))
            _publish(Path(made, "dist"), folder)
    return folder


def sources_hash() -> str:
    """Name a build by all that it is made of."""
    digest = hashlib.sha256()
    for path in _files():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(ROOT)}\n{content}\n".encode())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for name in _SOURCES:
        path = ROOT / name
        yield from [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def _build(destination: Path) -> None:
    vite = ROOT / "node_modules/.bin/vite"
    if not vite.exists():
        raise ConsoleNotBuiltError("Vite is missing: run `make setup`")
    result = subprocess.run(  # noqa: S603  # the project's own tool, fixed arguments
        [vite, "build", "--logLevel", "warn", "--outDir", str(destination)],
        cwd=ROOT / "web",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    if result.returncode:
        raise ConsoleNotBuiltError(f"the console could not be built:\n{result.stdout.strip()}")


def _publish(built: Path, folder: Path) -> None:
    try:
        built.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another synthesis was first, with the same content
            raise
