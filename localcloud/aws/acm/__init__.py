"""AWS Certificate Manager: certificates that the cloud's own authority issues, and imported."""
