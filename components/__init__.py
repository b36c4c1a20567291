"""The infrastructure: one component per file or package, which never reads configuration."""
