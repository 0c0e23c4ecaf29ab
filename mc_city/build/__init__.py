"""Building worlds: the tile loop, the editions, and a folder that is whole or not there."""

import sys

from mc_city import CalledRoom

sys.modules[__name__].__class__ = CalledRoom
