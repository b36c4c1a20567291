"""AWS WAF: the web ACL that `waf` makes, and the Ingress that has it."""

import pytest

from tests.unit.program import recording
from tests.unit.program.recording import Recording, at, run, run_once

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


def after(outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The last run left these outputs."""
    before = {"bastion_instance_id": "i-0123456789", **outputs}
    monkeypatch.setitem(recording._CALLS, "pulumi:pulumi:readStackOutputs", {"outputs": before})


def test_a_stack_that_never_had_it_leaves_the_load_balancer_alone(dev: Recording) -> None:
    """With `none` the controller would take away what AWS Firewall Manager has given it:
    github.com/kubernetes-sigs/aws-load-balancer-controller/issues/3780"""
    assert (dev.of(ACL), annotated(dev), dev.exports["web_acl"]) == ([], None, "")
    assert at(dev.one(RELEASE).inputs, "values.enableWafv2") is False


def test_turned_off_the_load_balancer_gives_its_web_acl_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """.../pull/3800: without the annotation it keeps the web ACL, which then cannot be deleted. It
    stays `none`, so that no later run changes it."""
    for left in ("arn:aws:mock:::firewall-web-acl", "none"):
        after({"web_acl": left}, monkeypatch)
        made = run("dev")
        assert (made.of(ACL), annotated(made), made.exports["web_acl"]) == ([], "none", "none")
        assert at(made.one(RELEASE).inputs, "values.enableWafv2") is True


def test_an_older_controller_takes_no_annotation_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """.../issues/3836: before 2.8.2 it takes `none` for the ARN of a web ACL."""
    after({"web_acl": "none"}, monkeypatch)
    assert annotated(run("local")) is None


def test_without_nat_the_controller_reaches_aws_waf() -> None:
    """docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"""
    made = run_once("local", **{"nat": "none", "vpc-endpoints": "true", "waf": "true"})
    endpoints = [it.inputs["serviceName"] for it in made.of("aws:ec2/vpcEndpoint:VpcEndpoint")]
    assert "com.amazonaws.eu-west-1.wafv2" in endpoints
