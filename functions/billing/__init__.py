"""Billing: credit packages, purchases through Omise, and the ledger of every account.

`domain` holds the rules without any AWS, `adapters` what talks to DynamoDB, Omise and Step
Functions; every other folder is one Lambda function. Other services may use `billing.debit` only.
"""
