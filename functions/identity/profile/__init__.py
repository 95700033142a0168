"""`GET /v1/me` and `GET /v1/.well-known/jwks.json`: the own account, and the public keys."""
