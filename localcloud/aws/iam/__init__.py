"""Authentication and authorization of requests: signatures, policies, roles."""
