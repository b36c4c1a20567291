"""Processes that have imported the SDKs already, and fork for each plugin and program.

    engine ── starts ──> command.py ── asks ──┐
    language host ─────────────────── asks ───┴─> server.py ── forks ──> the plugin, the program

Importing the SDKs takes a second, most of the time of an operation without changes. There is one
fork server per interpreter, preload script and start-up variables. It starts when it is first
needed and ends with its cloud. If none can be started, the script runs in a new process.
"""
