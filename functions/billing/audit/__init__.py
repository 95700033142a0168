"""The function that verifies every ledger, once a day and whenever an operator asks."""
