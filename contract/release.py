"""`python -m contract.release`: what is documented now is what clients may rely on from now on."""

from __future__ import annotations

import json
import sys

from contract.check import BASELINE, breaks, stale
from contract.write import OPENAPI


def main() -> int:
    """Make the document the baseline, unless it is stale or breaks clients without a new version.

    Returns
    -------
    int
        0, or 1 where the baseline stays as it is; why, is printed.
    """
    findings = [*stale(), *(breaks() if BASELINE.is_file() else [])]
    if findings:
        sys.stderr.write("\n".join(findings) + "\n")
        return 1
    document = json.loads(OPENAPI.read_text(encoding="utf-8"))
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    BASELINE.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
