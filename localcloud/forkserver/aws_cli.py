"""The AWS CLI, for a fork of a server that has imported it.

awscli sets AWS_DATA_PATH when it is imported, which was in the server. The fork has its caller's
environment instead of the server's, so the variable is set again.
"""

import os
import sys

import awscli
from awscli.clidriver import main

os.environ["AWS_DATA_PATH"] = os.path.join(os.path.dirname(awscli.__file__), "data")
sys.exit(main())
