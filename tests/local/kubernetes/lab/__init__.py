"""A cluster in namespaces of its own, with hand-made networks and records in memory."""
