"""What becomes of concurrent debits on one account, measured and drawn: `make bench-hot`.

The product's own use case starts runs on the emulator's DynamoDB, once as fast as this machine
can, and once in virtual time with the latencies and conflicts that DynamoDB is known for.
"""
