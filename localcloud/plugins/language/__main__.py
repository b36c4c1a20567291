"""The plugin's program, which the command that environment.py writes runs by path."""

from localcloud.plugins.bare import use_bare_sdk

use_bare_sdk()

from localcloud.plugins.language.host import serve  # noqa: E402  # after use_bare_sdk

serve()
