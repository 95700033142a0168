"""`POST /v1/auth/login`: checks a password and opens a session."""
