"""The stack's settings: the one reader of Pulumi's configuration."""

from settings.stack import KEYS as KEYS
from settings.stack import Settings as Settings
from settings.stack import load as load
