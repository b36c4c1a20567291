"""The AWS API and the plugins in one process; the plugins also under a real engine."""
