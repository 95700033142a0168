"""One resource in two versions: both read the same account, each shows it in its own way."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def read_account() -> Json:
    """Return the account, whatever version asks."""
    return {"balance": 100, "held": 5}


def show(document: Json) -> Json:
    """Answer as API Gateway's proxy integration wants it."""
    return {"statusCode": 200, "headers": {}, "body": json.dumps(document)}


def version_1(_event: Json, _context: object) -> Json:
    """Show the account as version 1 does, for as long as version 1 lives."""
    return show(read_account())


def version_2(_event: Json, _context: object) -> Json:
    """Show the account as version 2 does: what breaks clients of version 1 stands here alone."""
    account = read_account()
    return show({"credits": {"available": account["balance"], "held": account["held"]}})


def fallback(event: Json, _context: object) -> Json:
    """Refuse a method that a resource does not have."""
    return {"statusCode": 405, "headers": {}, "body": event["resource"]}


def authorizer(event: Json, _context: object) -> Json:
    """Let everybody in who has a token; the result is kept, so it is for all versions."""
    api, stage = event["methodArn"].split("/")[:2]
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": f"{api}/{stage}/*/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "somebody", "policyDocument": policy, "context": {"user_id": "usr_1"}}
