"""pulumi-language-python: how the engine runs Python programs and plugins."""
