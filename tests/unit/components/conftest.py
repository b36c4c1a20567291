"""Components alone, without a run of the program."""

import tests.unit.program.sdk  # noqa: F401 (before any component)
