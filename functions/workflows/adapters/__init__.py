"""Where the service meets AWS: its table, billing's ledger, the outputs' bucket, Step Functions."""
