r"""A client of the Credit Engine's HTTP API.

    engine = CreditEngine("http://127.0.0.1:8000")
    engine.register("someone@example.com", password)
    engine.login("someone@example.com", password)
    purchase = engine.buy("starter")
    run = engine.run(engine.create_workflow("sum", "csv-summary", {"csv": "a\n1\n"})["id"])

Every call that costs or creates something carries an Idempotency-Key, made once per intent and kept
over retries, so that a retry never buys or runs twice.
"""

from credit_engine_client.client import CreditEngine
from credit_engine_client.errors import ApiError

__all__ = ["ApiError", "CreditEngine"]
