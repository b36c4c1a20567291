"""The infrastructure: components, and the functions they share. None reads configuration."""
