"""What every service shares, and what is no service's own business.

HTTP in and out, problem details, idempotency keys, identifiers, settings, DynamoDB access and
observability; `aws` has its services without an SDK, `operators` and `sagas` what services do
alike. No rule about credits, purchases, users or runs is in here.
"""
