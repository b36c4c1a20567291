"""For all tests."""

import signal

# A shell starts a command in the background with SIGINT ignored, which the programs that the tests
# start would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)
