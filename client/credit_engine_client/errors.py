"""What the API refuses, as an exception."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """A problem document (RFC 9457) of the API.

    Parameters
    ----------
    status
        The HTTP status.
    problem
        The document; its `code` is stable, its other members depend on the code.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = dict(problem)

    @property
    def code(self) -> str:
        """The stable code of the refusal."""
        return str(self.problem.get("code", ""))

    @property
    def correlation_id(self) -> str:
        """The id to quote when reporting the problem."""
        return str(self.problem.get("correlation_id", ""))
