"""The cloud's network as data: what the records ask for, and making that real."""
