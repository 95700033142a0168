"""What every service's sagas have in common: started from the stream once, found when lost."""
