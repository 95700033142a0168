"""The outbox's reader: starts one execution of the run state machine per new run."""
