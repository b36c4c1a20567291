"""The network: a VPC, its subnets in several Availability Zones, and their routes."""

from components.network.network import EVERYWHERE as EVERYWHERE
from components.network.network import Nat as Nat
from components.network.network import Network as Network
from components.network.network import NetworkArgs as NetworkArgs
from components.network.network import NetworkSpec as NetworkSpec
