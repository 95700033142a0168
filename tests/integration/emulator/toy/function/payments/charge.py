"""A function that shows what its runtime does to it."""

import json
import os
import sys
import time
from typing import Any

import receipts  # type: ignore[import-not-found]  # comes with the layer


class CardDeclined(Exception):  # noqa: N818 - named like the error that a state machine catches
    """The error that the toy state machine catches by name."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own
    """Log a line, then echo a request, decline, or tell about this environment."""
    changed = [record["dynamodb"]["Keys"]["pk"]["S"] for record in event.get("Records", [])]
    line = {"message": "charging", "request_id": context.aws_request_id, "changed": changed}
    print(json.dumps(line))  # noqa: T201
    if "httpMethod" in event:
        return {"statusCode": 200, "body": json.dumps(event)}
    if event.get("decline"):
        raise CardDeclined("The bank said no.")
    time.sleep(event.get("seconds", 0))
    return {
        "process": os.getpid(),
        "receipt": receipts.__file__,
        "path": sys.path[:3],
        "environment": dict(os.environ),
    }
