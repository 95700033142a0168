"""`website-check`: is a public website up, how fast, and until when is its certificate valid."""
