"""The API's REQUEST authorizer: turns an access token into a user id."""
