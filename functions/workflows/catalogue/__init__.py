"""The operator's catalogue of automations, one validated file per stage.

`automations.<stage>.json` says what can be run, at what price, with which parameters, for how long,
and what does the work. `docs/automations.md` tells how to add one. A change is a reviewed
deployment; runs that are under way keep the price and parameters that they have.
"""
