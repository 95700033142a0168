"""AWS's JSON services without an SDK: signatures, credentials, connections, calls.

boto3 and one client are more than half of a textbook function's cold start, and most of the CPU of
its warm calls (ADR 26). The services that this engine calls all the time (DynamoDB, KMS, Step
Functions, Secrets Manager) take one signed `POST` with a JSON body; that much is here, in the
standard library. What is called rarely, S3, keeps boto3, imported when it is needed.
"""
