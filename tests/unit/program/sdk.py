"""Imports the providers' SDKs, which warn of types that nobody here uses; tests take warnings as
errors. Imported by whatever imports components."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import pulumi_aws
    import pulumi_eks as pulumi_eks

    pulumi_aws.ec2.Vpc  # noqa: B018 (the SDK imports the module at the first use)
    pulumi_aws.s3.Bucket  # noqa: B018
