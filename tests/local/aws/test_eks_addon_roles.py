from tests.local.aws.support import Eks, refusal

NAMES = {"clusterName": "one", "addonName": "vpc-cni"}


def test_an_addon_takes_no_role_that_does_not_exist(eks: Eks) -> None:
    """`serviceAccountRoleArn`, "the Amazon Resource Name (ARN) of an existing IAM role":
    https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateAddon.html
    """
    eks.active()
    unknown = {"serviceAccountRoleArn": "arn:aws:iam::123456789012:role/none"}
    refused = (
        "InvalidParameterException",
        "The role arn:aws:iam::123456789012:role/none does not exist",
    )
    assert refusal(eks.client.create_addon, **NAMES, **unknown) == refused
    eks.client.create_addon(**NAMES)
    eks.api.clusters.addon_ready("one", "vpc-cni")
    assert refusal(eks.client.update_addon, **NAMES, **unknown) == refused
    assert eks.client.describe_addon(**NAMES)["addon"]["status"] == "ACTIVE"
