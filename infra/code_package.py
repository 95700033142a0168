"""A package of our own code: chosen files, and their byte code."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.byte_code import compile_ahead, signature

_RECIPE: Final = "1"  # part of the hash: raise it when this module changes what it builds
_NEVER_SHIPPED: Final = frozenset({"__pycache__", "py.typed"})


@jsii.implements(ILocalBundling)
class CodeBundling:
    """Puts a package together without Docker.

    Parameters
    ----------
    contents
        The files, by their names in the package.
    python
        The version that runs it.
    mounted_at
        Where the runtime has it.
    """

    def __init__(self, contents: Mapping[str, Path], python: str, mounted_at: str) -> None:
        self._contents = contents
        self._python = python
        self._mounted_at = mounted_at

    def try_bundle(self, output_dir: str, *_options: object, **_more: object) -> bool:
        """Fill the CDK's output folder; always succeeds or raises."""
        for name, source in self._contents.items():
            target = Path(output_dir, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        compile_ahead(Path(output_dir), self._python, self._mounted_at)
        return True


def code_package(
    root: Path, contents: Mapping[str, Path], python: str, mounted_at: str
) -> lambda_.Code:
    """Make the package of some files; its hash is that of what they say, whenever they changed.

    Parameters
    ----------
    root
        The folder that they belong to; the CDK wants one.
    contents, python, mounted_at
        As for `CodeBundling`.
    """
    return lambda_.Code.from_asset(
        str(root),
        asset_hash=content_hash(contents, python),
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            # Named because the CDK wants one; the files come from the local bundling.
            image=DockerImage.from_registry("none"),
            local=CodeBundling(contents, python, mounted_at),
        ),
    )


def files_under(folder: Path) -> Iterator[Path]:
    """Find the files of a folder that are shipped, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and not _NEVER_SHIPPED.intersection(path.parts):
            yield path


def content_hash(contents: Mapping[str, Path], python: str) -> str:
    """Hash all that decides what is in a package."""
    digest = hashlib.sha256(f"{_RECIPE}\n{signature(python)}\n".encode())
    for name, path in contents.items():
        digest.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
