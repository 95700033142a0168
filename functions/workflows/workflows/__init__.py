"""The function behind the workflow routes, the runs' read routes and the automations."""
