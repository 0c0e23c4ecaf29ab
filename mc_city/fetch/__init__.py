"""Open data over the network: asked for politely, checked, kept and credited."""

import sys

from mc_city import CalledRoom

sys.modules[__name__].__class__ = CalledRoom
