"""The executable: python -m localcloud.plugins.aws."""

from localcloud.plugins.aws.servicer import AwsProvider
from localcloud.plugins.provider import serve

serve(AwsProvider())
