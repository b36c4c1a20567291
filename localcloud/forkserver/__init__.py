"""Interpreters that have imported the SDKs already, and fork for each plugin and program.

    engine ── starts ──> command.py ── asks ──┐
    language host ─────────────────── asks ───┴─> server.py ── forks ──> the plugin, the program

Importing the SDKs takes a second, longer than everything else that an operation without changes
does. A fork server serves one interpreter and one environment. It is started when it is first
needed, and ends with its cloud. Where none can be started, a program runs in a new process.
"""
