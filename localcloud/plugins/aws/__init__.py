"""pulumi-resource-aws: the `aws:` types of the program, from a table, over any AWS endpoint."""
