"""What the toy layer brings."""
