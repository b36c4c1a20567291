"""Python code for what was imported, from PCL as the engine writes it."""

import pytest

from localcloud.plugins.language.codegen import generate, snake

PCL = """package aws {
    baseProviderName = "aws"

}

resource my-zone "aws:route53/zone:Zone" {
    __logicalName = "my zone"
    comment = "a \\"quoted\\" $${x} %%{y} \\\\\\n"
    forceDestroy = false
options {
protect =true
import ="Z1"
dependsOn =[tem, other.thing]

}

}

resource tem "aws:ec2/launchTemplate:LaunchTemplate" {
    blockDeviceMappings =[{

            deviceName = "/dev/xvda",

            ebs ={

                volumeSize = 20
            }
        }]
    tags ={
"someKey" = "v"}
    securityGroupNames = []
    keyName = secret(null)

}
"""
PYTHON = """import pulumi
import pulumi_aws as aws

my_zone = aws.route53.Zone(
    'my zone',
    comment='a "quoted" ${x} %{y} \\\\\\n',
    force_destroy=False,
    opts=pulumi.ResourceOptions(protect=True, import_='Z1', depends_on=[
        tem,
        other.thing,
    ]),
)

tem = aws.ec2.LaunchTemplate(
    'tem',
    block_device_mappings=[
        {
            'device_name': '/dev/xvda',
            'ebs': {
                'volume_size': 20,
            },
        },
    ],
    tags={
        'someKey': 'v',
    },
    security_group_names=[],
    key_name=pulumi.Output.secret(None),
)
"""


def test_resources_become_python() -> None:
    generated = generate({"anonymous.pp": PCL})
    assert generated.strip() == PYTHON.strip()
    compile(generated, "__main__.py", "exec")


@pytest.mark.parametrize(
    ("token", "place"),
    [
        ("kubernetes:core/v1:ConfigMap", "kubernetes.core.v1.ConfigMap"),
        ("kubernetes:networking.k8s.io/v1:Ingress", "kubernetes.networking.v1.Ingress"),
        ("aws:index/provider:Provider", "aws.Provider"),
        ("pulumi:providers:aws", "aws.Provider"),
    ],
)
def test_classes_are_found_in_their_sdk(token: str, place: str) -> None:
    assert f"a = {place}(" in generate({"a": f'resource a "{token}" {{\n}}'})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("cidrIpv4", "cidr_ipv4"), ("clientIDList", "client_id_list"), ("import", "import_")],
)
def test_names_are_pythons(name: str, expected: str) -> None:
    assert snake(name) == expected


@pytest.mark.parametrize(
    ("pcl", "reason"),
    [
        ("component a {\n}", "a component cannot be generated"),
        ('resource a "aws:ec2/vpc:Vpc" {\n cidrBlock = fileAsset("x")\n}', "fileAsset() cannot be"),
        ('resource a "aws:ec2/vpc:Vpc" {\n cidrBlock = "${x}"\n}', "a template is not understood"),
        ('resource a "aws:ec2/vpc:Vpc" {\n cidrBlock = \n}', "is expected, not }"),
        ('resource a "aws:ec2/vpc:Vpc" {', "name is expected, not the end"),
        ("resource a ?", "this PCL is not understood: ?"),
        ('resource a "p:m:R" {\n x = [1 2]\n}', "] is expected, not 2"),
        ('resource a "p:m:R" {\n x = secret(1, 2)\n}', ") is expected, not ,"),
        ('resource a "p:m:R" {\n x = secret()\n}', "is expected, not )"),
        ('resource a "p:m:R" {\n lifecycle {\n}\n}', "a block lifecycle of a resource cannot"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(pcl: str, reason: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the reason is compared below)
        generate({"a": pcl})
    assert reason in str(refused.value)
