"""A node: a host of the cloud with containerd, kubelet and what add-ons bring to it."""
