"""The function that operators invoke: accounts, adjustments, refunds, and what runs at night."""
