"""`python -m infra.check`: the templates of all stages, by everything that knows rules.

cdk-nag while they are synthesised, then cfn-lint and checkov; state machines by asl-validator.

Synthesises every stage without AWS credentials and without bundling wheels, which say nothing
about a template.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from infra.rules import apply_rules
from infra.settings import STAGES, settings_of
from infra.stack import CreditEngineStack

ROOT: Final = Path(__file__).parent.parent
_CHECKOV: Final = ROOT / ".local/checkov-venv/bin/checkov"
_SECONDS: Final = 900  # each tool, on a machine that is busy


def main() -> int:
    """Check every stage.

    Returns
    -------
    int
        0, or 1 where something was found; what, is printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        templates = [_synthesise(stage, Path(folder, stage)) for stage in STAGES]
        definitions = [file for template in templates for file in _definitions(template)]
        lint = [str(Path(sys.executable).with_name("cfn-lint")), *map(str, templates)]
        checkov = [str(_CHECKOV), "--framework", "cloudformation", "--quiet", "--compact"]
        checkov += ["--skip-download", "--file", *map(str, templates)]
        asl = [str(ROOT / "node_modules/.bin/asl-validator")]
        for definition in definitions:
            asl += ["--json-path", str(definition)]
        passed = [
            passes("cfn-lint", lint),
            passes("checkov", checkov),
            passes("asl-validator", asl),
        ]
    print(f"{len(templates)} templates, {len(definitions)} state machines checked")
    return 0 if all(passed) else 1


def _synthesise(stage: str, folder: Path) -> Path:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(context={**context, "aws:cdk:bundling-stacks": []}, outdir=str(folder))
    name = CreditEngineStack(app, settings_of(stage)).stack_name
    apply_rules(app)  # a finding ends the synthesis, and is printed
    app.synth()
    return folder / f"{name}.template.json"


def _definitions(template: Path) -> Iterator[Path]:
    """Write out a template's state machines, each reference replaced by a word of its own."""
    resources = json.loads(template.read_text(encoding="utf-8"))["Resources"]
    for name, resource in resources.items():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            file = template.with_name(f"{name}.asl.json")
            file.write_text(_joined(resource["Properties"]["DefinitionString"]), encoding="utf-8")
            yield file


def _joined(value: Any) -> str:  # noqa: ANN401  # a template's value
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(map(_joined, value["Fn::Join"][1]))
    if "Ref" in value:
        return {"AWS::Partition": "aws"}.get(value["Ref"], str(value["Ref"]))
    return f"arn:aws:lambda:ap-southeast-1:123456789012:function:{value['Fn::GetAtt'][0]}"


def passes(name: str, command: list[str]) -> bool:
    """Run a tool; tell whether it found nothing, and show what it found."""
    result = subprocess.run(  # noqa: S603  # the project's own tools, fixed arguments
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=_SECONDS
    )
    if result.returncode:
        print(f"{name}:\n{result.stdout}{result.stderr}", file=sys.stderr)
    return result.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
