"""Everything identity needs from outside: DynamoDB items, KMS keys, Argon2, PyJWT, a word list.

The modules that the authorizer uses (`access_tokens`, `signing_keys`, `kms`) import
neither boto3 nor Powertools, whose import would be most of the authorizer's cold start.
"""
