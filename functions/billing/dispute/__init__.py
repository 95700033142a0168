"""The function that operators invoke about disputes: what Omise knows of one, and our answer."""
