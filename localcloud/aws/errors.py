"""The errors of the AWS API, by the names that AWS gives them."""


class AwsError(Exception):
    """A refusal: `code` and `message` as a client sees them, `status` its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def not_offered(what: str, code: str = "InvalidAction", status: int = 400) -> AwsError:
    """The refusal of what AWS has and this cloud has not, by name."""
    return AwsError(code, f"{what} is not offered by the local cloud", status)
