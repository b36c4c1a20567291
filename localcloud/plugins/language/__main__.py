"""The executable: python -m localcloud.plugins.language."""

from localcloud.plugins.bare import use_bare_sdk

use_bare_sdk()

from localcloud.plugins.language.host import serve  # noqa: E402  # after use_bare_sdk

serve()
