"""The infrastructure, one noun a file. Components take arguments; they never read configuration."""
