"""The settings of the load balancer controller."""

from typing import get_args

from components.load_balancer_controller import ControllerSpec, CredentialSource, check_credentials
from components.load_balancer_controller.releases import ControllerRelease, find_release
from settings import rules
from settings.reader import Reader, apply_rule, refuse


def read_controller(read: Reader) -> ControllerSpec:
    """The controller. Raises pulumi.RunError unless its chart and image are of its release."""
    release = apply_rule("controller-version", read.string("controller-version"), find_release)
    _refuse_parts_of_another_release(read, release)
    chosen = read.choice("controller-credentials", get_args(CredentialSource))
    apply_rule("controller-credentials", chosen, lambda value: check_credentials(value, release))
    return ControllerSpec(
        release=release,
        credentials=chosen,
        chart_repository=read.string("controller-chart-repository", rules.chart_repository),
        image_repository=read.string("controller-image-repository", rules.image_repository),
        image_tag=read.string("controller-image-tag", rules.image_tag),
    )


def _refuse_parts_of_another_release(read: Reader, release: ControllerRelease) -> None:
    """Chart, custom resource definitions, IAM policy and image must be of one release."""
    chart = read.string("controller-chart-version")
    tag = read.string("controller-image-tag")
    if chart != release.chart_version:
        rule = f"must be {release.chart_version}, the chart of controller-version {release.version}"
        refuse("controller-chart-version", chart, rule)
    if tag and tag.partition("-")[0] != f"v{release.version}":
        rule = f"must be v{release.version}, as controller-version is {release.version}"
        refuse("controller-image-tag", tag, rule)
