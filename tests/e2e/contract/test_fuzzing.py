"""schemathesis against the deployed stack: no 5xx, nothing undocumented, no schema mismatch.

A thousand and more requests are made from the document: its examples, every boundary, random data
both valid and not, and sequences that follow its links.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from contract.write import OPENAPI
from tests.e2e.session import Session

pytestmark = pytest.mark.e2e
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "12")
LEAST_CASES = 1000
SECONDS = 3600


def test_no_request_gets_an_answer_that_is_not_documented(
    user: Session, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Every check of schemathesis holds for every case, as a user who has credits to spend."""
    user.buy_credits("scale")
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "--config-file", str(CONFIGURATION), "run", str(OPENAPI)]
    options = ["--max-examples", EXAMPLES, "--no-color", "--warnings", "off"]
    token = user.engine.login(user.email, user.password)["access_token"]
    result = subprocess.run(  # noqa: S603  # a program of ours, fixed arguments
        [*command, *options],
        env={**os.environ, "API_URL": user.stack.api_url, "ACCESS_TOKEN": token},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    found = re.search(r"Test cases:\n +((\d+) generated.*)", result.stdout)
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2_000:]
    assert found
    assert int(found[2]) >= LEAST_CASES
    assert user.engine.me()["id"] == user.user_id, "the token did not last for the whole run"
    with capsys.disabled():
        sys.stdout.write(f"\nschemathesis: {found[1]}\n")
