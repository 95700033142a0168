"""The AWS resources, as constructs that mirror the services.

`settings` says how the stages differ, `routes` which function serves what; `stack` puts the
constructs together. Nothing here is looked up in an account at synthesis, so the same commit always
gives the same template.
"""
