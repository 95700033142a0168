"""The function that operators invoke about runs that were stored and never began."""
