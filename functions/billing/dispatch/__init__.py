"""The outbox: every new purchase in the table's stream starts its saga."""
