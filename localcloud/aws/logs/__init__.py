"""What CloudWatch Logs checks and moto does not."""
