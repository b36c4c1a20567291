"""The one kind of error that a user of the local cloud sees: a line, and the way out of it."""


class CloudError(Exception):
    """What, value, rule, way out, in one line (the tail of a log may follow)."""
