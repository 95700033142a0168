"""The use cases of identity: register, log in, renew a session, end it.

Each takes plain values and the time, applies the domain's rules, calls the adapters and returns
plain values or raises a domain error. None of them knows HTTP.
"""
