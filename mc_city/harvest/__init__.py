"""What people built in worlds that came back: found, told apart, described."""

import sys

from mc_city import CalledRoom

sys.modules[__name__].__class__ = CalledRoom
