"""A call of an operation: the sandbox, the ids in the path, the parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.omise_sandbox.listing import parse_window
from local.omise_sandbox.payload import Parameters
from local.omise_sandbox.sandbox import Sandbox
from local.omise_sandbox.store import Window

Answer = dict[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """What a client asks for.

    Attributes
    ----------
    sandbox
        Who is asked.
    path
        The path below the host.
    ids
        The variable parts of the path by their names.
    parameters
        The query string's and the body's parameters together.
    """

    sandbox: Sandbox
    path: str
    ids: Mapping[str, str]
    parameters: Parameters

    def window(self) -> Window:
        """Return the part of a list that is asked for.

        Raises
        ------
        OmiseError
            ``invalid_page`` or ``invalid_filters``.
        """
        return parse_window(self.parameters, self.sandbox.clock.now())
