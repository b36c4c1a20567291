"""AWS WAF: the web ACL that `waf` makes, and the Ingress that has it."""

from typing import Any

from tests.unit.program.recording import Recording, at, run, run_once

INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
RELEASE = "kubernetes:helm.sh/v3:Release"
CLUSTER = "eks:index:Cluster"
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


def once_on(stack: str) -> Recording:
    """A run with `waf` off, of a stack that had it on, be it in an `up` that was killed."""
    answers: dict[str, dict[str, Any]] = {
        "aws:eks/getClusters:getClusters": {"names": [f"eks-service-types-{stack}"]},
        "aws:eks/getCluster:getCluster": {"tags": {"waf-used": "true"}},
    }
    return run(stack, answers=answers)


def test_a_stack_that_never_had_it_leaves_the_load_balancer_alone(dev: Recording) -> None:
    """With `none` the controller would take away what AWS Firewall Manager has given it:
    github.com/kubernetes-sigs/aws-load-balancer-controller/issues/3780"""
    assert (dev.of(ACL), annotated(dev)) == ([], None)
    assert at(dev.one(RELEASE).inputs, "values.enableWafv2") is False


def test_turned_off_the_load_balancer_gives_its_web_acl_up() -> None:
    """.../pull/3800: without the annotation it keeps the web ACL, which then cannot be deleted. It
    stays `none`, so that no later run changes it."""
    made = once_on("dev")
    assert (made.of(ACL), annotated(made)) == ([], "none")
    assert at(made.one(RELEASE).inputs, "values.enableWafv2") is True
    assert made.one(CLUSTER).inputs["clusterTags"] == {"waf-used": "true"}


def test_the_cluster_says_that_it_is_on_before_the_load_balancer_has_a_web_acl(
    prod: Recording,
) -> None:
    """An `up` that is killed records no outputs. docs.aws.amazon.com/waf/latest/APIReference/
    API_DeleteWebACL.html: a web ACL that a load balancer has is not deleted."""
    cluster = prod.one(CLUSTER)
    assert cluster.inputs["clusterTags"]["waf-used"] == "true"
    assert cluster.urn in prod.needs(prod.one(INGRESS))


def test_an_older_controller_takes_no_annotation_as_none() -> None:
    """.../issues/3836: before 2.8.2 it takes `none` for the ARN of a web ACL."""
    made = once_on("local")
    assert (annotated(made), at(made.one(RELEASE).inputs, "values.enableWafv2")) == (None, True)


def test_without_nat_the_controller_reaches_aws_waf() -> None:
    """docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"""
    made = run_once("local", **{"nat": "none", "vpc-endpoints": "true", "waf": "true"})
    endpoints = [it.inputs["serviceName"] for it in made.of("aws:ec2/vpcEndpoint:VpcEndpoint")]
    assert "com.amazonaws.eu-west-1.wafv2" in endpoints
