"""SSM: commands and sessions on instances, and the public parameters."""
