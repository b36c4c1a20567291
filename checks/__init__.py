"""The post's statements as a program: `python -m checks` replays them against a stack.

Through public APIs only, from the machine it runs on, which stands for "the world" of the post.
Read post.py first: it is the list of statements.
"""
