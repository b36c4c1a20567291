"""The AWS Load Balancer Controller: its chart, its releases and the IAM policy that each needs."""

from components.load_balancer_controller.controller import ControllerSpec as ControllerSpec
from components.load_balancer_controller.controller import CredentialSource as CredentialSource
from components.load_balancer_controller.controller import (
    LoadBalancerController as LoadBalancerController,
)
from components.load_balancer_controller.controller import (
    LoadBalancerControllerArgs as LoadBalancerControllerArgs,
)
from components.load_balancer_controller.controller import check_credentials as check_credentials
