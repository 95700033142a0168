"""The small kernel that every service shares.

HTTP in and out, problem details, idempotency keys, identifiers, settings, DynamoDB access and
observability live here. It knows nothing of credits, purchases, users or workflows.
"""
