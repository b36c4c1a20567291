"""Tests of the statements of docs/statements.md: `python -m checks` runs them against a stack.

They use public APIs only, and run on a host outside the VPC: your own machine or, for the local
stack, the world. Read statements.py first: it lists the checks.
"""
