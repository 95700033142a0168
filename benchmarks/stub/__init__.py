"""A stand-in for AWS and Omise in a process of its own, so that only the caller's CPU counts.

It answers at once out of a scene that it is given. Writes are accepted and forgotten: the
thousandth request of a benchmark meets the same world as the first.
"""
