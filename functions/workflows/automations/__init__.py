"""The automations that are built in, one package and one Lambda function each.

They are given `{"run_id", "correlation_id", "parameters", "input"}` by the run state machine and
answer with the run's output. They know nothing of users, credits or tables, and no role of theirs
allows anything.
"""
