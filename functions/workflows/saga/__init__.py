"""The steps of the run state machine: mark running, mark succeeded, give back."""
