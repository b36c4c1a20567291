"""What a resource shows while it is worked on."""

from localcloud.plugins.provider import Provider


class Report:
    """The status and the warnings of one resource; the same text twice in a row is said once."""

    def __init__(self, provider: Provider, urn: str) -> None:
        self._provider, self._urn, self._said = provider, urn, ""

    def __call__(self, message: str) -> None:
        """Replace the status shown beside the resource."""
        if message != self._said:
            self._said = message
            self._provider.log(self._urn, message, status=True)

    def warn(self, message: str) -> None:
        """Add a warning that stays."""
        self._provider.log(self._urn, message, warning=True)

    def clear(self) -> None:
        """Remove the status."""
        if self._said:
            self("")
