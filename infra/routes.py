"""The one table of routes: what the gateway takes, which function serves it, and who may call.

The API's resources, its methods, the authorizer on them and the `Allow` header of a 405 all come
from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple


class Route(NamedTuple):
    """One method of one resource.

    `function` is `<service>/<folder>` as under `functions/`; a route that is not `public` answers
    only whom the authorizer let through.
    """

    method: str
    path: str
    function: str
    public: bool = False


PUBLIC: Final = True
FALLBACK_FUNCTION: Final = "edge/service"

ROUTES: Final = (
    Route("POST", "/v1/auth/register", "identity/register", PUBLIC),
    Route("POST", "/v1/auth/login", "identity/login", PUBLIC),
    Route("POST", "/v1/auth/refresh", "identity/session", PUBLIC),
    Route("POST", "/v1/auth/logout", "identity/session"),
    Route("GET", "/v1/me", "identity/profile"),
    Route("GET", "/v1/.well-known/jwks.json", "identity/profile", PUBLIC),
    Route("GET", "/v1/packages", "billing/account", PUBLIC),
    Route("POST", "/v1/purchases", "billing/purchase"),
    Route("GET", "/v1/purchases", "billing/account"),
    Route("GET", "/v1/purchases/{id}", "billing/account"),
    Route("GET", "/v1/account", "billing/account"),
    Route("GET", "/v1/account/ledger", "billing/account"),
    Route("POST", "/v1/webhooks/omise", "billing/webhook", PUBLIC),
    Route("GET", "/v1/automations", "workflows/workflows", PUBLIC),
    Route("POST", "/v1/workflows", "workflows/workflows"),
    Route("GET", "/v1/workflows", "workflows/workflows"),
    Route("GET", "/v1/workflows/{id}", "workflows/workflows"),
    Route("PATCH", "/v1/workflows/{id}", "workflows/workflows"),
    Route("DELETE", "/v1/workflows/{id}", "workflows/workflows"),
    Route("POST", "/v1/workflows/{id}/runs", "workflows/run_workflow"),
    Route("GET", "/v1/runs", "workflows/workflows"),
    Route("GET", "/v1/runs/{id}", "workflows/workflows"),
    Route("GET", "/v1/health", "edge/service", PUBLIC),
    Route("GET", "/v1/openapi.json", "edge/service", PUBLIC),
    Route("GET", "/docs", "edge/service", PUBLIC),
    Route("GET", "/docs/{file}", "edge/service", PUBLIC),
)


AUTHORIZER: Final = "identity/authorizer"
# The functions that a client waits for.
SERVING: Final = frozenset({AUTHORIZER, *(route.function for route in ROUTES)})


def allowed_methods(routes: Sequence[Route] = ROUTES) -> dict[str, str]:
    """Name each resource's methods, as an `Allow` header does (RFC 9110, section 10.2.1)."""
    methods: dict[str, list[str]] = defaultdict(list)
    for route in routes:
        methods[route.path].append(route.method)
    return {path: ", ".join(sorted(names)) for path, names in methods.items()}
