"""`python -m contract.write`: writes the documents that are made from the code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from contract.document import build
from contract.markdown import render

ROOT: Final = Path(__file__).parent.parent
OPENAPI: Final = ROOT / "docs/openapi.json"
EXAMPLES: Final = ROOT / "docs/api.md"


def rendered() -> dict[Path, str]:
    """Render every document, by the file that it belongs in."""
    document = build()
    return {
        OPENAPI: json.dumps(document, indent=1, ensure_ascii=False) + "\n",
        EXAMPLES: render(document),
    }


def main() -> int:
    """Write what has changed."""
    for path, text in rendered().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
