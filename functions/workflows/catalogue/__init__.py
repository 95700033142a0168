"""The operator's catalogue of automations, one validated file per stage.

To sell another automation: (1) add an object to `automations.<stage>.json` with an `id` that
stays, `name`, `description`, `credit_cost` in credits, `parameters_schema` (JSON Schema 2020-12 of
an object), `timeout_seconds` and `retry`; (2) say in `target` what does the work: `lambda_arn` or
`state_machine_arn` of anything you run, or `function`, a package of this stack in
`workflows/automations/`; (3) let it take `{"run_id", "correlation_id", "parameters", "input"}` and
return the output as JSON (at most 256 KiB); to refuse for good, raise an error named
`AutomationFailed` whose message is `{"code": "…", "message": "…"}`; anything else is retried as
`retry` says; (4) deploy: the synthesis checks the file, adds the branch to the state machine and
grants exactly this target. A price changes the same way. Runs that are under way keep the price and
parameters they have.
"""
