"""The function that finds runs which no execution brings to their end."""
