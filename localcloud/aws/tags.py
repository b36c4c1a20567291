"""Tags of the resources whose records are ours."""

from collections.abc import Iterable, Mapping

from localcloud.aws.errors import AwsError

# docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
MOST = 50
Tag = Mapping[str, str]  # of Key and Value, as the API describes it


def added(
    present: Mapping[str, str], given: Iterable[Tag], holder: str, reserved: str, too_many: str
) -> dict[str, str]:
    """The tags of a `holder`, such as "A certificate", with further ones.

    Raises AwsError with these codes for keys that AWS reserves, and for too many tags.
    """
    more = {each["Key"]: each.get("Value", "") for each in given}
    if any(key.startswith("aws:") for key in more):
        raise AwsError(reserved, "A tag's key cannot begin with aws:")
    found = {**present, **more}
    if len(found) > MOST:
        raise AwsError(too_many, f"{holder} has at most {MOST} tags")
    return found


def described(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
