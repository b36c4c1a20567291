"""The post's statements as a program: `python -m checks` replays them against a stack.

They use public APIs only, and run on a machine that is "the world" of the post: outside the VPC.
Read post.py first: it lists the checks.
"""
