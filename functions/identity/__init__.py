"""Who a caller is: users, sessions and the keys that sign access tokens.

`domain` holds the rules and knows no AWS, `use_cases` what people do, `adapters` what talks to
DynamoDB, KMS, Argon2 and PyJWT; each other folder is one Lambda function. Nothing here knows of
credits or workflows.
"""
