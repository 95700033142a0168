"""What the domain needs of the world: DynamoDB, Omise, Secrets Manager, Step Functions."""
