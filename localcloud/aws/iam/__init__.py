"""Who a request is from and what it may do: signatures, policies, roles."""
