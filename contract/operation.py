"""What is said of one operation of the API, beside its types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One way in which an operation succeeds.

    Parameters
    ----------
    status
        The HTTP status.
    description
        When this is the answer.
    document
        The type of its JSON body, or None without one.
    example
        A body of that type.
    headers
        The names of the headers that it has beside those of every response.
    content_types
        What the body may be, where it is no JSON.
    links
        Operations that take up something of this answer: parameter `id` from its member `id`.
    """

    status: int
    description: str
    document: object = None
    example: object = None
    headers: tuple[str, ...] = ()
    content_types: tuple[str, ...] = ("application/json",)
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Body:
    """What an operation takes.

    Parameters
    ----------
    model
        The type that the function reads it with.
    examples
        Bodies that are taken, by a short name.
    required
        Whether there has to be one.
    """

    model: object
    examples: Mapping[str, object]
    required: bool = True


@dataclass(frozen=True)
class Parameter:
    """A parameter in the path, the query or a header."""

    name: str
    place: str
    description: str
    schema: Json
    required: bool = False
    example: object = None

    def as_json(self) -> Json:
        """Render it as a Parameter Object."""
        rendered: Json = {
            "name": self.name,
            "in": self.place,
            "description": self.description,
            "required": self.required,
            "schema": self.schema,
        }
        return rendered if self.example is None else {**rendered, "example": self.example}


@dataclass(frozen=True)
class Operation:
    """One route.

    Parameters
    ----------
    route
        Method and resource as in `infra.routes`, for example `GET /v1/me`.
    id
        The operation's name in generated clients.
    summary
        What it does, in a few words.
    answers
        How it succeeds.
    description
        What else a client's developer has to know.
    body
        What it takes.
    parameters
        Its parameters, the headers that every route takes excepted.
    problems
        The codes of its own refusals; those of every route are added (`contract.problems`).
    """

    route: str
    id: str
    summary: str
    answers: tuple[Answer, ...]
    description: str = ""
    body: Body | None = None
    parameters: tuple[Parameter, ...] = field(default=())
    problems: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.route.split(" ", 1)[0]

    @property
    def path(self) -> str:
        """The resource."""
        return self.route.split(" ", 1)[1]
