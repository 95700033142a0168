"""The operators' command line: `python -m operator_cli --help`.

It asks the services' operations functions and touches no table itself. Who asks is proved by the
AWS credentials in the environment, and everything that is asked for is recorded.
"""
