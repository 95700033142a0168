"""`python -m contract.check`: the documents are what the code says, and no client breaks.

The baseline is the document as it was last released. A change that breaks its clients needs the
next major version (`contract.API_VERSION`), which is a new path beside the old one.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from contract.compatibility import breaking_changes, major
from contract.write import ROOT, rendered

BASELINE: Final = ROOT / "contract/baseline.json"
Json = dict[str, Any]


def main() -> int:
    """Check.

    Returns
    -------
    int
        0, or 1 where something was found; what, is printed.
    """
    findings = [*stale(), *breaks()]
    for finding in findings:
        sys.stderr.write(f"contract: {finding}\n")
    if not findings:
        sys.stdout.write("the documents are what the code says, and no client breaks\n")
    return 1 if findings else 0


def stale() -> list[str]:
    """Name the documents that are not what the code says."""
    return [
        f"{path.relative_to(ROOT)} is not what the code says: run `make openapi`"
        for path, text in rendered().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def breaks() -> list[str]:
    """Name what would break clients of the baseline, unless the major version is a newer one."""
    old = json.loads(BASELINE.read_text(encoding="utf-8"))
    new = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    if major(new) > major(old):
        return []
    return [f"breaks clients: {change}" for change in breaking_changes(old, new)]


if __name__ == "__main__":
    sys.exit(main())
