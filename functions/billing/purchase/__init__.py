"""Buying a package: the request, its rules, and the pending purchase that starts the saga."""
