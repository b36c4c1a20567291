"""AWS WAF: the web ACL that `waf` makes, and the Ingress that has it."""

from tests.unit.program.recording import Recording, at, run_once

INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
RELEASE = "kubernetes:helm.sh/v3:Release"
ACL = "aws:wafv2/webAcl:WebAcl"
ANNOTATION = "alb.ingress.kubernetes.io/wafv2-acl-arn"


def annotated(program: Recording) -> str | None:
    annotations = at(program.one(INGRESS).inputs, "metadata.annotations")
    return annotations.get(ANNOTATION)  # type: ignore[no-any-return]  # of the recording


# ELB.16, CKV2_AWS_28
def test_the_ingress_of_prod_has_the_core_rules_of_aws(prod: Recording) -> None:
    acl = prod.one(ACL)
    assert annotated(prod) == "arn:aws:mock:::firewall-web-acl"
    assert acl.urn in prod.needs(prod.one(INGRESS))
    (rule,) = acl.inputs["rules"]
    group = rule["statement"]["managedRuleGroupStatement"]
    assert group == {"vendorName": "AWS", "name": "AWSManagedRulesCommonRuleSet"}
    assert (rule["overrideAction"], acl.inputs["defaultAction"]) == ({"none": {}}, {"allow": {}})


def test_without_it_the_load_balancer_gives_its_web_acl_up(dev: Recording) -> None:
    """github.com/kubernetes-sigs/aws-load-balancer-controller/pull/3800: without the annotation the
    load balancer keeps the web ACL, which then cannot be deleted."""
    assert dev.of(ACL) == []
    assert annotated(dev) == "none"
    assert at(dev.one(RELEASE).inputs, "values.enableWafv2") is True


def test_an_older_controller_takes_no_annotation_as_none() -> None:
    """.../issues/3836: before 2.8.2 it takes `none` for the ARN of a web ACL."""
    assert annotated(run_once("local")) is None
