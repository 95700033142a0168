"""The toy stack's only function."""
