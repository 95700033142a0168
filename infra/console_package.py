"""The console's files, packaged folder by folder when a stage is synthesised; no Docker."""

from __future__ import annotations

import hashlib
import shutil

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_s3_deployment as deployment

from infra.bundling import ROOT
from infra.console_build import built_console, sources_hash


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
        source = built_console(ROOT) / self._folder
        shutil.copytree(source, output_dir, dirs_exist_ok=True, ignore=left_out)
        return True


def console_source(folder: str, folders: tuple[str, ...]) -> deployment.ISource:
    """Package one folder of the built console; the parameters are those of `ConsoleBundling`."""
    return deployment.Source.asset(
        str(ROOT / "web"),
        asset_hash=f"{sources_hash(ROOT)}{hashlib.sha256(folder.encode()).hexdigest()[:8]}",
        asset_hash_type=AssetHashType.CUSTOM,
        bundling=BundlingOptions(
            # Named because the CDK wants one; the files come from the local bundling.
            image=DockerImage.from_registry("none"),
            local=ConsoleBundling(folder, folders),
        ),
    )
