"""What a type cannot say by itself, for the OpenAPI document: meaning, form, bounds, an example.

Representations are `TypedDict`s whose members are annotated with `Says`. In a function they cost
nothing and check nothing; mypy holds the code to them, and the document is made from them, by
pydantic, when the project is built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeAlias

JsonSchema = dict[str, Any]


class Says:
    """One annotation of a member.

    Parameters
    ----------
    description
        What it is, in a sentence for a client's developer.
    **keywords
        Further keywords of JSON Schema 2020-12, such as `minimum`, `pattern` or `examples`.
    """

    def __init__(self, description: str = "", **keywords: object) -> None:
        self.keywords: Final = {**({"description": description} if description else {}), **keywords}

    def __get_pydantic_json_schema__(
        self, core: object, handler: Callable[[object], JsonSchema]
    ) -> JsonSchema:
        """Add the keywords to what the type itself says; pydantic's protocol for annotations."""
        return {**handler(core), **self.keywords}


def identifier(prefix: str) -> Says:
    """Say what an id of this prefix looks like (`kernel.ids`)."""
    example = f"{prefix}_4fB0mXo2aLq8sWc1ZtY7uRk9Ev"
    return Says(pattern=f"^{prefix}_[0-9A-Za-z]{{20,40}}$", examples=[example])


Time: TypeAlias = Annotated[
    str,
    Says("RFC 3339, in UTC.", format="date-time", examples=["2026-03-01T09:30:00.000Z"]),
]
Credits: TypeAlias = Annotated[int, Says("A number of credits.", minimum=0, maximum=10**12)]
Satang: TypeAlias = Annotated[
    int, Says("Money in the smallest unit: 100 satang are 1 baht.", minimum=0)
]
UserId: TypeAlias = Annotated[str, identifier("usr")]
PurchaseId: TypeAlias = Annotated[str, identifier("pur")]
WorkflowId: TypeAlias = Annotated[str, identifier("wfl")]
RunId: TypeAlias = Annotated[str, identifier("run")]
GrantId: TypeAlias = Annotated[str, identifier("grt")]
EntryId: TypeAlias = Annotated[str, identifier("led")]
