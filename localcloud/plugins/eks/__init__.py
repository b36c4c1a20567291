"""pulumi-resource-eks: the components of pulumi-eks 4.4 that the program uses."""
