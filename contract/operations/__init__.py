"""What every route of the API takes and answers, service by service."""

from contract.operation import Operation
from contract.operations import billing, identity, service, workflows

OPERATIONS: tuple[Operation, ...] = (
    *identity.OPERATIONS,
    *billing.OPERATIONS,
    *workflows.OPERATIONS,
    *service.OPERATIONS,
)
