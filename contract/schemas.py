"""JSON Schema of the code's types, made by pydantic."""

from __future__ import annotations

import functools
import operator
import types
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from typing import is_typeddict as is_typed_dict

import typing_extensions
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

Json = dict[str, Any]
REF: Final = "#/components/schemas/"
_typed_dict: Final[Any] = typing_extensions.TypedDict  # made at run time here


class SchemaClashError(Exception):
    """Two types of one name say different things."""


class Schemas:
    """The schemas that operations refer to, each under its name."""

    def __init__(self) -> None:
        self.components: dict[str, Json] = {}

    def of(self, python_type: object) -> Json:
        """Return a type's schema; what has a name is kept and referred to.

        Raises
        ------
        SchemaClashError
            If another type has a name of this one's.
        """
        adapter: TypeAdapter[Any] = TypeAdapter(_readable(python_type))
        schema = adapter.json_schema(
            ref_template=f"{REF}{{model}}", schema_generator=_Plain, mode="validation"
        )
        for name, definition in schema.pop("$defs", {}).items():
            self.add(name, definition)
        name = getattr(python_type, "__name__", None)
        if "properties" not in schema or name is None:
            return schema
        return self.add(_shown_name(name), schema)

    def add(self, name: str, schema: Json) -> Json:
        """Keep a schema under a name and return the reference to it."""
        known = self.components.setdefault(name, schema)
        if known != schema:
            raise SchemaClashError(f"two types are called {name}")
        return {"$ref": f"{REF}{name}"}


class _Plain(GenerateJsonSchema):
    """Leave out what says nothing: titles that only repeat the name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401  # pydantic's own
        del schema
        return False

    def default_schema(self, schema: Any) -> Json:  # noqa: ANN401  # pydantic's own
        """Leave out defaults: in a change, what is left out is not set to one."""
        return self.generate_inner(schema["schema"])

    def generate(self, schema: Any, mode: Any = "validation") -> Json:  # noqa: ANN401
        made = super().generate(schema, mode)
        for definition in (made, *made.get("$defs", {}).values()):
            definition.pop("title", None)
        return made


@functools.cache
def _readable(python_type: Any) -> Any:  # noqa: ANN401  # any type expression
    """Turn `typing.TypedDict`s into those that pydantic reads on Python 3.11."""
    if is_typed_dict(python_type):
        return _readable_typed_dict(python_type)
    origin, arguments = get_origin(python_type), get_args(python_type)
    if not arguments or origin is Literal:
        return python_type
    if origin is Annotated:
        return Annotated[(_readable(arguments[0]), *arguments[1:])]
    readable = tuple(map(_readable, arguments))
    if origin in {Union, types.UnionType}:
        return functools.reduce(operator.or_, readable)
    return origin[readable if len(readable) > 1 else readable[0]]


def _readable_typed_dict(typed_dict: Any) -> Any:  # noqa: ANN401  # a TypedDict class
    hints = get_type_hints(typed_dict, include_extras=True)
    members = {name: _readable(hint) for name, hint in hints.items()}
    made = _typed_dict(_shown_name(typed_dict.__name__), members)
    made.__doc__ = typed_dict.__doc__
    return made


def _shown_name(name: str) -> str:
    return name.removeprefix("_").removesuffix("Document")
