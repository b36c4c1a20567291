"""A node: a host of the cloud with containerd, kubelet, and the add-ons' programs."""
