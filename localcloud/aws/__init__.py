"""The AWS API of the cloud: moto, with services of our own and stricter rules in front of it."""

import os

# moto reads these once, when a module of this package imports it.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
os.environ["MOTO_ENABLE_AMI_VALIDATION"] = "true"
os.environ["MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION"] = "true"
