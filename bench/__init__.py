"""Measures how long the local stack takes, and how much memory."""
