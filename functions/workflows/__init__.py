"""The workflows service: what users automate, and the runs that they pay for.

It owns the operator's catalogue of automations, the users' workflows and the runs, and the
`Workflows` table. A run's debit and its give-back share a transaction with billing's ledger,
through `billing.debit`, the one module of another service that it uses.
"""
