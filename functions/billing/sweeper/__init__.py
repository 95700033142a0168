"""The function that finds pending purchases whose saga was lost."""
