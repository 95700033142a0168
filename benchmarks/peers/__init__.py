"""The debit use case of other systems, on PostgreSQL, beside ours.

Each system is a module with `prepare(accounts)` and `debit(account, key)`, and runs in an
interpreter that has its libraries; `client` is the program around them.
"""
