"""Domain names in the form in which Route 53 stores them."""


def fqdn(name: str) -> str:
    """The name in lower case, with a trailing dot and with `*` as its octal escape."""
    return name.lower().replace("*", "\\052").rstrip(".") + "."
