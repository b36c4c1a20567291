"""STS: assumes roles according to their trust policies."""
