"""How long a change takes to propagate: until then AWS answers as if it had not been made.

"Similar to AWS IAM behavior, EKS Pod Identity associations are eventually consistent, and may take
several seconds to be effective" (API_CreatePodIdentityAssociation.html); of IAM itself:
troubleshoot_general.html#troubleshoot_general_eventual-consistency of its user guide.
"""

from datetime import UTC, datetime, timedelta

DELAY = timedelta(seconds=4)


def in_effect(made: datetime) -> bool:
    """Whether what was made at that time is in effect now."""
    made = made if made.tzinfo else made.replace(tzinfo=UTC)
    return datetime.now(UTC) - made >= DELAY
