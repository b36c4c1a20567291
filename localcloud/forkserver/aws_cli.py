"""The AWS CLI, for a fork of a server that has imported it.

It finds its data by a variable that it sets when it is imported; a fork has its caller's variables.
"""

import os
import sys

import awscli
from awscli.clidriver import main

os.environ["AWS_DATA_PATH"] = os.path.join(os.path.dirname(awscli.__file__), "data")
sys.exit(main())
