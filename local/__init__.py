"""The real stack on one machine.

`python -m local run` synthesises the CDK app, starts the emulator, deploys the very template that
goes to AWS onto it, and serves the API and the console on one front door. Nothing in here is
deployed; nothing that is deployed knows that it is here.
"""
