"""The AWS CLI, for a fork of a server that has imported it.

awscli sets AWS_DATA_PATH when it is imported. That was in the server, and the fork's environment
has been replaced by its caller's since, so it is set again.
"""

import os
import sys

import awscli
from awscli.clidriver import main

os.environ["AWS_DATA_PATH"] = os.path.join(os.path.dirname(awscli.__file__), "data")
sys.exit(main())
