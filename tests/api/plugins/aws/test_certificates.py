"""ACM's types where they differ from the others."""

from datetime import timedelta

import pytest

from localcloud.aws import acm_backend as records
from localcloud.plugins.provider import PluginError
from tests.api.plugins.aws.engine import Engine, Values
from tests.api.plugins.aws.examples import CERTIFICATE, VALIDATION, ZONE


def test_validation_requires_the_names_of_all_records(engine: Engine) -> None:
    """The official provider's words are others, its rule is this:
    pulumi.com/registry/packages/aws/api-docs/acm/certificatevalidation"""
    names = {"domainName": "b.internal", "subjectAlternativeNames": ["a.internal", "b.internal"]}
    inputs: Values = {**names, "validationMethod": "DNS"}
    certificate = engine.create(CERTIFICATE, "two", inputs)
    assert engine.diff(engine.read(certificate), inputs).paths == {}
    first, second = (
        each["resourceRecordName"] for each in certificate.outputs["domainValidationOptions"]
    )
    given = {"certificateArn": certificate.id, "validationRecordFqdns": [first]}
    with pytest.raises(PluginError, match=f"lacks {second.rstrip('.')}$"):
        engine.create(VALIDATION, "one of two", given)
    engine.delete(certificate)


def test_validation_fails_when_the_request_has_timed_out(engine: Engine) -> None:
    inputs = {"domainName": "late.internal", "validationMethod": "DNS"}
    certificate = engine.create(CERTIFICATE, "late", inputs)
    record = records.of_region("eu-west-1").records[certificate.id]
    record.created -= timedelta(hours=73)
    engine.create(ZONE, "wakes the reconciler", {"name": "late.internal"})
    with pytest.raises(PluginError, match=r"is VALIDATION_TIMED_OUT$"):
        engine.create(VALIDATION, "late", {"certificateArn": certificate.id})
    engine.delete(certificate)
