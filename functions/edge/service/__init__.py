"""The function that answers for the API as a whole."""
