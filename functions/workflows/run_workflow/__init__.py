"""The function behind `POST /v1/workflows/{id}/runs`: pay for a run and queue it."""
