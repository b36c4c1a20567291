"""The errors of the AWS API, by the names that AWS gives them."""


class AwsError(Exception):
    """An error response: `code` and `message` as a client sees them, and the HTTP `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def not_offered(what: str, code: str = "InvalidAction", status: int = 400) -> AwsError:
    """The error for a feature of AWS that the local cloud does not have."""
    return AwsError(code, f"{what} is not offered by the local cloud", status)
