"""The rules of identity, free of AWS and of the clock.

What an e-mail address is and when two are one, which passwords are refused, how failed logins slow
down further ones, and how refresh tokens rotate, repeat and get revoked.
"""
