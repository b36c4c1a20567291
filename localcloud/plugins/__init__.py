"""The four plugins that the Pulumi engine finds on PATH, in place of the official ones."""
