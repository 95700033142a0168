"""The function that operators invoke about users: by e-mail address or by id."""
