"""S3: what the stack and the readers of its logs need, on moto's records."""
