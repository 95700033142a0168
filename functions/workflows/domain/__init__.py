"""The rules of automations, workflows and runs; no AWS, no HTTP and no clock in here."""
