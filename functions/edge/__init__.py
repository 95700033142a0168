"""The edge: what belongs to the API as a whole and to no service.

Health, the OpenAPI document, its viewer, and the answer to methods that a resource does not have.
"""
