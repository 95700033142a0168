"""What every service's operations have in common: who asks, what may be asked, and the record."""
