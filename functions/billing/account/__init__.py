"""The function that answers what a user has: account, ledger, packages and purchases."""
