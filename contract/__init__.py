"""The API as a contract: the OpenAPI document, made from the code's own types.

Runs when the project is built and tested, never in a function. `operations/` says what each route
takes and answers, `problems` which refusals it may give; `document` puts both together with the
types of `functions/*/documents.py` and `bodies.py`. `python -m contract.write` writes
`docs/openapi.json` and `docs/api.md`, `python -m contract.check` fails when they are not what the
code says, or when a change would break a client.
"""

from typing import Final

API_VERSION: Final = "1.0.0"
"""The version of the contract (semver): a breaking change needs the next major version."""
