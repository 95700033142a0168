"""The function that compares Omise's books with ours, every night and whenever somebody asks."""
