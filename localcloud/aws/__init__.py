"""The AWS API of the cloud: moto, with services of our own and stricter rules in front of it."""
