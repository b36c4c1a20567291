"""The controls of docs/controls that this program meets, each on what it registers."""

import json
from typing import Any

from tests.unit.program.answers import ACCOUNT
from tests.unit.program.recording import Recording, at, run

INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def statements(program: Recording, type_: str, document: str) -> list[dict[str, Any]]:
    """What the policy documents in an input of every resource of a type say."""
    documents = [json.loads(it.inputs[document]) for it in program.of(type_)]
    found = [statement for it in documents for statement in it["Statement"]]
    assert found
    return found


def trusts(program: Recording) -> list[dict[str, Any]]:
    """Who may take the program's roles: nodes, bastion, controller, flow logs."""
    found = statements(program, "aws:iam/role:Role", "assumeRolePolicy")
    assert len(found) == 3 + len(program.of("aws:ec2/flowLog:FlowLog"))
    return found


# IAM.1, IAM.21, CKV_AWS_62/63/274/286-290
def test_no_policy_allows_everything_or_a_whole_service(program: Recording) -> None:
    policies = statements(program, "aws:iam/policy:Policy", "policy")
    actions = [action for it in policies for action in it["Action"]]
    assert [action for action in actions if "*" in action] == []


# IAM, CKV_AWS_60/61
def test_every_role_trusts_one_service_or_one_service_account(program: Recording) -> None:
    for trust in trusts(program):
        (principal,) = trust["Principal"].values()
        assert "*" not in principal
        if principal != "ec2.amazonaws.com":
            assert list(trust["Condition"]) == ["StringEquals"]


def test_irsa_trust_names_service_account_and_audience(local: Recording) -> None:
    (trust,) = (it for it in trusts(local) if "Federated" in it["Principal"])
    assert trust["Condition"]["StringEquals"] == {
        "issuer.example/id/ABC:aud": "sts.amazonaws.com",
        "issuer.example/id/ABC:sub": (
            "system:serviceaccount:kube-system:aws-load-balancer-controller"
        ),
    }


def test_pod_identity_trust_names_cluster_and_service_account(dev: Recording) -> None:
    (trust,) = (it for it in trusts(dev) if it["Principal"].get("Service", "").startswith("pods"))
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    tags = trust["Condition"]["StringEquals"]
    assert tags["aws:RequestTag/eks-cluster-name"] == "eks-service-types-dev"
    assert tags["aws:RequestTag/kubernetes-service-account"] == "aws-load-balancer-controller"


# EKS.1, CIS 5.4.1/5.4.2, CKV_AWS_38/39
def test_the_api_of_prod_is_private_and_that_of_dev_open_to_given_blocks(
    dev: Recording, prod: Recording
) -> None:
    inputs = prod.one("eks:index:Cluster").inputs
    assert inputs["endpointPrivateAccess"] is True
    assert inputs["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in inputs
    assert dev.one("eks:index:Cluster").inputs["publicAccessCidrs"] == ["8.8.8.0/24"]


# EKS.2, EKS.3, EKS.8, CIS 2.1.1/4.1.7/5.3.1, CKV_AWS_37/58/339
def test_the_cluster_is_supported_and_encrypted(program: Recording) -> None:
    inputs = program.one("eks:index:Cluster").inputs
    assert inputs["version"] == "1.35"
    assert inputs["upgradePolicy"] == {"supportType": "STANDARD"}
    assert inputs["authenticationMode"] == "API"
    assert inputs["encryptionConfigKeyArn"] == "arn:aws:mock:::cluster-key"


def test_without_log_types_there_is_nothing_of_logs(local: Recording) -> None:
    assert "enabledClusterLogTypes" not in local.one("eks:index:Cluster").inputs
    assert local.of("aws:cloudwatch/logGroup:LogGroup") == []


def test_the_control_plane_stays_in_the_first_two_zones(prod: Recording) -> None:
    """EKS refuses others later: https://github.com/aws/containers-roadmap/issues/2258."""
    inputs = prod.one("eks:index:Cluster").inputs
    for kind in ("public", "private"):
        expected = [f"network-{kind}-{number}-id" for number in (1, 2)]
        assert inputs[f"{kind}SubnetIds"] == expected
    assert len(prod.one("aws:eks/nodeGroup:NodeGroup").inputs["subnetIds"]) == 3


def test_no_part_of_the_cluster_is_made_twice(program: Recording) -> None:
    inputs = program.one("eks:index:Cluster").inputs
    own = ("skipDefaultNodeGroup", "skipDefaultSecurityGroups", "useDefaultVpcCni")
    assert [inputs[key] for key in own] == [True, True, True]
    assert inputs["kubeProxyAddonOptions"] == inputs["corednsAddonOptions"] == {"enabled": False}
    assert inputs["bootstrapSelfManagedAddons"] is False
    addons = {it.inputs["addonName"] for it in program.of("aws:eks/addon:Addon")}
    wanted = {"coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"}
    assert addons - {"eks-node-monitoring-agent"} == wanted


def test_control_plane_add_ons_and_nodes_move_to_a_version_in_this_order(dev: Recording) -> None:
    """Of EKS's user guide: update-cluster.html, update-managed-node-group.html."""
    nodes = dev.one("aws:eks/nodeGroup:NodeGroup")
    assert (nodes.inputs["version"], nodes.inputs["releaseVersion"]) == ("1.35", "1.35.4-20261101")
    cluster = dev.one("eks:index:Cluster")
    for addon in dev.of("aws:eks/addon:Addon"):
        assert addon.inputs["addonVersion"] == "v1.2.3-eksbuild.1"
        assert addon.inputs["resolveConflictsOnUpdate"] == "OVERWRITE"
        assert cluster.urn in dev.needs(addon)
        assert addon.urn in dev.needs(nodes) or addon.name == "cluster-coredns"


def test_the_count_of_nodes_is_kept_with_room_for_one_more(prod: Recording) -> None:
    nodes = prod.one("aws:eks/nodeGroup:NodeGroup").inputs
    assert nodes["scalingConfig"] == {"minSize": 3, "desiredSize": 3, "maxSize": 4}


def test_nodes_are_repaired_in_prod(dev: Recording, prod: Recording) -> None:
    """docs.aws.amazon.com/eks/latest/userguide/node-health.html"""
    for program, repaired in ((dev, False), (prod, True)):
        group = program.one("aws:eks/nodeGroup:NodeGroup").inputs
        assert group["nodeRepairConfig"] == {"enabled": repaired}
        names = [it.name for it in program.of("aws:eks/addon:Addon")]
        assert ("cluster-eks-node-monitoring-agent" in names) is repaired


def test_access_entries_say_who_may_do_what_where(prod: Recording) -> None:
    entries = prod.one("eks:index:Cluster").inputs["accessEntries"]
    developers = entries["developers"]
    assert developers["principalArn"] == "arn:aws:iam::111122223333:role/developers"
    assert developers["accessPolicies"]["policy"] == {
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        "accessScope": {"type": "namespace", "namespaces": ["service-types"]},
    }
    assert at(entries, "operators.accessPolicies.policy.accessScope") == {"type": "cluster"}


# KMS.4, CKV_AWS_7/33, CKV2_AWS_64
def test_the_key_rotates_and_its_policy_names_no_star(program: Recording) -> None:
    key = program.one("aws:kms/key:Key").inputs
    assert key["enableKeyRotation"] is True
    documents = statements(program, "aws:kms/key:Key", "policy")
    assert '"*"' not in json.dumps([it["Principal"] for it in documents])


# CKV_AWS_158/338
def test_clusters_on_aws_write_all_logs_encrypted_and_in_prod_for_a_year(
    dev: Recording, prod: Recording
) -> None:
    for program, days in ((dev, 30), (prod, 365)):
        cluster = program.one("eks:index:Cluster")
        assert len(cluster.inputs["enabledClusterLogTypes"]) == 5
        group = program.one("aws:cloudwatch/logGroup:LogGroup", "cluster-logs")
        assert group.inputs["kmsKeyId"] == "arn:aws:mock:::cluster-key"
        assert group.inputs["retentionInDays"] == days
        assert group.urn in program.needs(cluster)


# EC2.6, CKV2_AWS_11; docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
def test_prod_keeps_flow_logs_for_a_year(dev: Recording, prod: Recording) -> None:
    assert dev.of("aws:ec2/flowLog:FlowLog") == []
    log = prod.one("aws:ec2/flowLog:FlowLog").inputs
    assert (log["vpcId"], log["trafficType"]) == ("network-vpc-id", "ALL")
    group = prod.one("aws:cloudwatch/logGroup:LogGroup", "network-flow-logs")
    assert (group.inputs["retentionInDays"], log["logDestination"]) == (
        365,
        "arn:aws:mock:::network-flow-logs",
    )
    role = prod.one("aws:iam/role:Role", "network-flow-logs-role").inputs
    (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    rights = json.loads(prod.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    assert rights["Statement"][0]["Resource"] == [
        "arn:aws:mock:::network-flow-logs",
        "arn:aws:mock:::network-flow-logs:*",
    ]


# docs.aws.amazon.com/eks/latest/userguide/launch-templates.html: no other tags reach them.
def test_default_tags_reach_what_aws_makes_for_the_cluster(dev: Recording) -> None:
    tags = {"project": "eks-service-types", "stack": "dev"}
    template = dev.one("aws:ec2/launchTemplate:LaunchTemplate").inputs
    given = {it["resourceType"]: it["tags"] for it in template["tagSpecifications"]}
    assert set(given) == {"instance", "volume", "network-interface"}
    assert all(it == {**tags, "Name": "eks-service-types-dev-node"} for it in given.values())
    release = dev.one("kubernetes:helm.sh/v3:Release")
    assert release.inputs["values"]["defaultTags"] == tags


# EC2.2, CKV2_AWS_12
def test_the_default_security_group_is_empty(program: Recording) -> None:
    group = program.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs
    assert {"ingress", "egress"} & set(group) == set()


# EC2.15, CKV_AWS_130
def test_no_subnet_gives_public_addresses(program: Recording) -> None:
    subnets = program.of("aws:ec2/subnet:Subnet")
    assert {it.inputs["mapPublicIpOnLaunch"] for it in subnets} == {False}


# EC2.13/14/18/19, CKV_AWS_23-25/260/277/382
def test_nothing_comes_in_from_the_world_and_egress_is_limited(program: Recording) -> None:
    rules = program.of(INGRESS_RULE)
    for rule in rules:
        assert rule.inputs["referencedSecurityGroupId"] == "bastion-security-group-id"
        assert rule.inputs["securityGroupId"] == "sg-of-eks"
    ports = [(rule.inputs["fromPort"], rule.inputs["toPort"]) for rule in rules]
    assert sorted(ports) == [(443, 443), (30000, 32767)]
    egress = program.of("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    world = [it.inputs["toPort"] for it in egress if it.inputs["cidrIpv4"] == "0.0.0.0/0"]
    assert world == [443]
    assert all(it.inputs["description"] for it in [*rules, *egress])


def test_a_private_api_lets_in_the_bastion_and_whom_the_setting_names() -> None:
    """EKS's group lets in its members alone: docs.aws.amazon.com/eks, cluster-endpoint.html."""
    program = run("prod", {"endpoint-private-access-sources": ["10.9.0.0/16", "sg-0a1b2c3d"]})
    rules = [it for it in program.of(INGRESS_RULE) if it.inputs["fromPort"] == 443]
    block, group, bastion = sorted(rules, key=lambda it: it.name.replace("bastion", "x"))
    assert (block.inputs["cidrIpv4"], block.inputs["toPort"]) == ("10.9.0.0/16", 443)
    assert group.inputs["referencedSecurityGroupId"] == "sg-0a1b2c3d"
    # Objects are made and removed through them.
    for it in program.of("kubernetes:apps/v1:Deployment"):
        assert {block.urn, group.urn, bastion.urn} <= program.needs(it)


# EC2.3/8/9, CKV_AWS_8/46/79/88, CKV2_AWS_41
def test_the_bastion_is_private_and_reached_by_ssm_only(program: Recording) -> None:
    bastion = program.one("aws:ec2/instance:Instance")
    inputs = bastion.inputs
    assert inputs["associatePublicIpAddress"] is False
    assert inputs["subnetId"] == "network-private-1-id"
    assert inputs["metadataOptions"]["httpTokens"] == "required"
    assert inputs["rootBlockDevice"]["encrypted"] is True
    assert inputs["tags"]["Name"] == "bastion"
    assert {"keyName", "userData", "userDataBase64"} & set(inputs) == set()
    assert bastion.ignore_changes == ("ami",)  # a newer image does not replace it


# EC2.25/170/181, CIS 5.4.3, CKV_AWS_100/341
def test_nodes_are_private_and_keep_their_credentials(program: Recording) -> None:
    template = program.one("aws:ec2/launchTemplate:LaunchTemplate").inputs
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert template["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    group = program.one("aws:eks/nodeGroup:NodeGroup").inputs
    assert "remoteAccess" not in group
    assert len(group["subnetIds"]) >= 2
    assert all(subnet.startswith("network-private-") for subnet in group["subnetIds"])


# CIS 4.1-4.5, CKV_K8S_8-16/20-23/28-31/37/38/40
def test_every_pod_is_restricted(program: Recording) -> None:
    labels = program.one("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert len(program.of("kubernetes:apps/v1:Deployment")) == 3
    for pod in (
        at(it.inputs, "spec.template.spec") for it in program.of("kubernetes:apps/v1:Deployment")
    ):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 101
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]) == {"requests", "limits"}
        assert {"readinessProbe", "livenessProbe"} <= set(container)
        assert not container["image"].endswith(":latest")


# CKV_AWS_152; ELB.4, CKV_AWS_131
def test_load_balancers_serve_every_zone_and_drop_bad_headers(program: Recording) -> None:
    service = program.one("kubernetes:core/v1:Service", "services-nginx-load-balancer")
    assert "cross_zone.enabled=true" in str(service.inputs["metadata"]["annotations"])
    ingress = program.one("kubernetes:networking.k8s.io/v1:Ingress")
    assert "drop_invalid_header_fields.enabled=true" in str(ingress.inputs["metadata"])


def test_the_controller_survives_its_own_memory(program: Recording) -> None:
    limit = at(
        program.one("kubernetes:helm.sh/v3:Release").inputs, "values.resources.limits.memory"
    )
    assert limit.endswith("Mi")
    assert int(limit.removesuffix("Mi")) > 128
