"""SSM: commands that run on instances, and the public parameters."""
