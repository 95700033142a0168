"""Sizes of what is deployed: the packages of the functions, and the layers, as for stage `dev`."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from benchmarks.interpreters import ROOT
from benchmarks.options import Options
from benchmarks.tables import Table
from infra.settings import settings_of
from infra.stack import CreditEngineStack
from local.assembly import Asset, read_stack

_STAGE: Final = "dev"
_KILOBYTES: Final = 1_000
_COLUMNS: Final = ("package", "zipped kB", "unzipped kB", "files", "used by")
_NOTE: Final = (
    "Wheels for arm64, as they would be uploaded. What the CDK brings along to fill the console's "
    "bucket, no request waits for."
)
_MOST_NAMES: Final = 3
# Where each kind of resource names its content.
_CONTENTS: Final = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}


@dataclass(frozen=True)
class Size:
    """How large a folder is; in bytes."""

    zipped: int
    unzipped: int
    files: int

    @classmethod
    def of(cls, folder: Path) -> Size:
        """Measure a folder."""
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                # Whatever its time is: zip archives know none before 1980.
                archive.writestr(path.relative_to(folder).as_posix(), path.read_bytes())
        return cls(content.tell(), sum(path.stat().st_size for path in paths), len(paths))


def tables(_options: Options) -> Iterator[Table]:
    """Synthesise, and measure every package once; the CDK's own archives are not ours."""
    with tempfile.TemporaryDirectory() as folder:
        stack = _synthesised(Path(folder))
        artifact = read_stack(Path(folder), stack)
        users = users_of(json.loads(artifact.template.read_text(encoding="utf-8")))
        packages = {asset.key: asset for asset in artifact.assets if asset.zipped}
        rows = [_row(packages[key], names) for key, names in users.items() if key in packages]
    yield Table("sizes", "Sizes", _COLUMNS, rows, _NOTE)


def users_of(template: Mapping[str, Any]) -> dict[str, list[str]]:
    """Name the functions and layers of a template by the key of their package."""
    users: dict[str, list[str]] = {}
    for name, resource in template["Resources"].items():
        content = resource.get("Properties", {}).get(_CONTENTS.get(resource["Type"], ""), {})
        if isinstance(content.get("S3Key"), str):
            users.setdefault(content["S3Key"], []).append(name)
    return users


def _synthesised(folder: Path) -> str:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(context=context, outdir=str(folder))
    stack = CreditEngineStack(app, settings_of(_STAGE))
    app.synth()
    return stack.stack_name


def _row(package: Asset, names: list[str]) -> list[str]:
    size = Size.of(package.source)
    more = len(names) - _MOST_NAMES
    shown = ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    return [
        names[0],
        f"{size.zipped / _KILOBYTES:,.0f}",
        f"{size.unzipped / _KILOBYTES:,.0f}",
        str(size.files),
        shown,
    ]
