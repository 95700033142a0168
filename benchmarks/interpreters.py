"""What programs in fresh interpreters find around them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
SEARCH_PATH: Final = os.pathsep.join(
    str(ROOT / folder) for folder in ("functions", "layers/shared/python")
)
# What every function finds in its environment, with worthless credentials.
ENVIRONMENT: Final = {
    "PYTHONPATH": SEARCH_PATH,
    "AWS_REGION": "ap-southeast-1",
    "AWS_DEFAULT_REGION": "ap-southeast-1",
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "STAGE": "local",
}
