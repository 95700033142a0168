"""Omise's webhook: trusted for nothing but the hint that a charge may have changed."""
