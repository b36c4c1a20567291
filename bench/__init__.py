"""How long the local stack takes, and how much memory: figures, never a verdict."""
