"""The rules of web ACLs: those of AWS's managed rule groups, and what they cost in capacity.

Source: docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.aws.errors import AwsError, not_offered

INVALID = "WAFInvalidParameterException"
CAPACITIES = {
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesWordPressRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
}
_GROUP = "ManagedRuleGroupStatement"
# docs.aws.amazon.com/waf/latest/developerguide/limits.html
MOST_CAPACITY = 5000


def capacity(rules: Sequence[Mapping[str, Any]]) -> int:
    """The web ACL capacity units (WCU) that rules need. Raises AwsError for those that are wrong,
    and for what the local cloud does not offer."""
    for key in ("Name", "Priority"):
        values = [rule[key] for rule in rules]
        if len(values) > len(set(values)):
            raise AwsError(INVALID, f"Two rules of a web ACL have the same {key}: {values}")
    needed = sum(_capacity(rule) for rule in rules)
    if needed > MOST_CAPACITY:
        raise AwsError(
            "WAFLimitsExceededException",
            f"The rules need {needed} WCU; a web ACL has {MOST_CAPACITY} at most",
        )
    return needed


def _capacity(rule: Mapping[str, Any]) -> int:
    name, statement = rule["Name"], rule["Statement"]
    if list(statement) != [_GROUP]:
        raise not_offered(f"the statement of rule {name} ({', '.join(statement)})", INVALID)
    for key in ("RuleLabels", "CaptchaConfig", "ChallengeConfig"):
        if rule.get(key):
            raise not_offered(f"{key} of rule {name}", INVALID)
    # docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html, OverrideAction
    if rule.get("Action") or len(rule.get("OverrideAction") or ()) != 1:
        raise AwsError(
            INVALID, f"Rule {name} refers to a rule group: it has an OverrideAction and no Action"
        )
    group = statement[_GROUP]
    if more := sorted(set(group) - {"VendorName", "Name", "ExcludedRules", "RuleActionOverrides"}):
        raise not_offered(f"{', '.join(more)} of rule {name}", INVALID)
    if group["VendorName"] != "AWS" or group["Name"] not in CAPACITIES:
        known = ", ".join(CAPACITIES)
        raise not_offered(
            f"the rule group {group['Name']} of {group['VendorName']} (there are {known} of AWS)",
            INVALID,
        )
    return CAPACITIES[group["Name"]]
