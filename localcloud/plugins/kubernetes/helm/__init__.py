"""Helm releases, through the real `helm` on PATH."""
