"""The cloud's network of namespaces: a plan from the records, and the commands that apply it."""
