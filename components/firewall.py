"""AWS WAF in front of the Ingress, with the rules that AWS recommends for every web application."""

import pulumi
import pulumi_aws as aws

# docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
_CORE_RULES = "AWSManagedRulesCommonRuleSet"
NO_WEB_ACL = "none"  # disassociates the load balancer's web ACL, so that it can be deleted


def web_acl(name: str, *, wanted: bool, used: bool) -> pulumi.Input[str]:
    """The ARN of a web ACL; or NO_WEB_ACL if the stack has `used` one before; or "", which keeps a
    web ACL that others, such as AWS Firewall Manager, have associated with the load balancer."""
    if wanted:
        return Firewall(name).arn
    return NO_WEB_ACL if used else ""


class Firewall(pulumi.ComponentResource):
    """A web ACL that lets through what none of AWS's core rules blocks."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("eks-service-types:index:Firewall", name, None, opts)
        acl = aws.wafv2.WebAcl(
            f"{name}-web-acl",
            scope="REGIONAL",
            default_action={"allow": {}},
            rules=[
                {
                    "name": "core-rules",
                    "priority": 0,
                    "override_action": {"none": {}},  # keep the actions of the group's rules
                    "statement": {
                        "managed_rule_group_statement": {
                            "vendor_name": "AWS",
                            "name": _CORE_RULES,
                        }
                    },
                    "visibility_config": _metrics("core-rules"),
                }
            ],
            visibility_config=_metrics("web-acl"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = acl.arn
        self.register_outputs({"arn": self.arn})


def _metrics(name: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    """CloudWatch counts the requests, and the console shows samples of them."""
    return {
        "cloudwatch_metrics_enabled": True,
        "metric_name": name,
        "sampled_requests_enabled": True,
    }
