"""What can be done with workflows and runs, one class per actor's goal.

A use case reads through ports, lets the domain decide and writes through ports; `ports` says what
it needs, `adapters` has it.
"""
