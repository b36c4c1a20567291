"""The error that users of the local cloud see."""


class CloudError(Exception):
    """One line: what, its value, the rule, and what to do. The tail of a log may follow."""
