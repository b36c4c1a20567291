"""The cloud's network: a plan from the records, and the commands that apply it."""
