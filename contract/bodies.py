"""Models of bodies that their functions read without pydantic, for the document."""

from __future__ import annotations

from typing import Annotated, Any

from kernel.schema import Says
from kernel.validation import RequestModel


class RunBody(RequestModel):
    """Nothing, or what the automation gets beside the workflow's parameters."""

    input: Annotated[
        dict[str, Any] | None, Says("At most 32 KiB of JSON.", examples=[{"csv": "a,b\\n1,2\\n"}])
    ] = None
