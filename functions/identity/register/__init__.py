"""`POST /v1/auth/register`: makes an account."""
