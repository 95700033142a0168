"""`POST /v1/auth/refresh` and `POST /v1/auth/logout`: renews a session, and ends it."""
