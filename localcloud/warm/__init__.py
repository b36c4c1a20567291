"""Interpreters that have imported the SDKs already, and fork for each plugin and program.

    engine ── starts ──> plugin.py ── asks ──┐
    language host ─────────────────── asks ──┴─> keeper.py ── forks ──> the plugin, the program

An import of the SDKs takes a second that an operation without changes has not got to spend. A
keeper is started by whoever first wants one, serves one interpreter and one environment, and ends
with its cloud. Where there is none, and none can be had, a program runs in a new process.
"""
