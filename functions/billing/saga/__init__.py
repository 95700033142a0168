"""The steps of the purchase saga: create a charge, wait for its payment, settle, compensate."""
