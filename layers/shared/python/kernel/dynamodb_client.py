"""The operations of DynamoDB that the services call, by the names and arguments of boto3's client.

Attribute values are those of `kernel.attribute_values`. A transaction carries a token, so that its
attempts, of which the answers may be lost, are one to DynamoDB.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from kernel.aws.json_api import JsonApi, Service

_SERVICE: Final = Service(
    "dynamodb", "DynamoDB", "DynamoDB_20120810", "1.0", "AWS_ENDPOINT_URL_DYNAMODB"
)
_READ_SECONDS: Final = 3.0
_TRANSACTION: Final = "TransactWriteItems"

Answer = dict[str, Any]


class DynamoDbClient:
    """A client; threads may share it.

    Its methods take what DynamoDB's API names, as keywords, and return its answer. They raise
    `AwsRefusedError` and `AwsUnreachableError`.

    Parameters
    ----------
    api
        Calls the service.
    """

    def __init__(self, api: JsonApi) -> None:
        self.api = api

    @classmethod
    def from_environment(cls) -> DynamoDbClient:
        """Make the client that the function's environment describes."""
        return cls(JsonApi.from_environment(_SERVICE, _READ_SECONDS))

    def call(self, operation: str, request: Mapping[str, Any]) -> Answer:
        """Call an operation; every method comes through here.

        A transaction without a token gets one, as SDKs do it: an attempt that repeats one whose
        answer was lost then succeeds without writing again, for ten minutes.
        """
        if operation == _TRANSACTION:
            request = {"ClientRequestToken": secrets.token_hex(16), **request}
        return self.api.call(operation, request)

    def get_item(self, **request: Any) -> Answer:  # noqa: ANN401  # DynamoDB's own
        """Read an item."""
        return self.call("GetItem", request)

    def batch_get_item(self, **request: Any) -> Answer:  # noqa: ANN401  # DynamoDB's own
        """Read items by their keys; `UnprocessedKeys` are to be asked for again."""
        return {"UnprocessedKeys": {}, **self.call("BatchGetItem", request)}

    def query(self, **request: Any) -> Answer:  # noqa: ANN401  # DynamoDB's own
        """Read items of one partition key."""
        return self.call("Query", request)

    def scan(self, **request: Any) -> Answer:  # noqa: ANN401  # DynamoDB's own
        """Read a part of a table or an index."""
        return self.call("Scan", request)

    def put_item(self, **request: Any) -> Answer:  # noqa: ANN401  # DynamoDB's own
        """Write an item."""
        return self.call("PutItem", request)

    def update_item(self, **request: Any) -> Answer:  # noqa: ANN401  # DynamoDB's own
        """Change an item."""
        return self.call("UpdateItem", request)

    def delete_item(self, **request: Any) -> Answer:  # noqa: ANN401  # DynamoDB's own
        """Delete an item."""
        return self.call("DeleteItem", request)

    def transact_write_items(self, **request: Any) -> Answer:  # noqa: ANN401  # DynamoDB's own
        """Write several items, all or none."""
        return self.call(_TRANSACTION, request)
