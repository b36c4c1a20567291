"""STS: roles are taken on by those whom their trust policies name."""
