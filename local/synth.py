"""Synthesise the CDK app for the stage `local`, when its inputs changed."""

import os
import subprocess

from local.fingerprint import Stamp, fingerprint
from local.layout import Layout
from local.steps import StackError

INPUTS = (
    "app.py",
    "cdk.json",
    "deployments",
    "docs/openapi.json",
    "functions",
    "infra",
    "layers",
    "package-lock.json",
    "pyproject.toml",
    "requirements.txt",
)
TIMEOUT_SECONDS = 300
QUIET = {
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    "CDK_DISABLE_CLI_TELEMETRY": "1",
}


def synthesise(layout: Layout) -> bool:
    """Bring the cloud assembly up to date.

    Returns
    -------
    bool
        Whether anything had to be done.

    Raises
    ------
    StackError
        The CDK refused; its output is the message.
    """
    stamp = Stamp(layout.stamps / "synth")
    digest = fingerprint(layout.root, INPUTS)
    if stamp.matches(digest) and (layout.assembly / "manifest.json").is_file():
        return False
    stamp.remove()
    _run_cdk(layout)
    stamp.write(digest)
    return True


def _run_cdk(layout: Layout) -> None:
    command = [
        str(layout.root / "node_modules/.bin/cdk"),
        *("synth", "--quiet", "--no-notices", "--context", "stage=local"),
        *("--app", f'"{layout.python}" app.py', "--output", str(layout.assembly)),
    ]
    result = subprocess.run(  # the output is ours to show, once, when it failed
        command,
        cwd=layout.root,
        env=os.environ | QUIET,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    if result.returncode:
        raise StackError(f"cdk synth failed:\n{result.stdout.strip()}")
