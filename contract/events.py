"""What others send to this API."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from kernel.schema import Says


class OmiseEvent(TypedDict, total=False):
    """An event of Omise's (https://docs.omise.co/api-webhooks); any member may be anything."""

    object: Annotated[Any, Says(examples=["event"])]
    id: Annotated[Any, Says(examples=["evnt_test_5xuy4w91xqz7d1w9u0t"])]
    key: Annotated[Any, Says("What happened; a key without meaning here has no effect.")]
    livemode: Any
    data: Annotated[
        Any, Says("The charge, or what names one, such as a refund; only the charge's id is read.")
    ]
    created_at: Any
