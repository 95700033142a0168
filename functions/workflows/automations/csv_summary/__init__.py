"""`csv-summary`: rows and columns of a CSV text, with type and statistics per column."""
