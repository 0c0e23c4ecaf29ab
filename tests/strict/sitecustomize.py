"""Found first by Python under `make bounds`, in the tests' process and in all that they start:
compiled kernels refuse indexes below zero.

numba's own checks let them pass, as Python takes them from the other end. In a kernel that is what
was drawn past the bottom of a volume coming up again at its top.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.np import arrayobj

_usual = arrayobj.fix_integer_index


def _strict(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
    if kind.signed and context.enable_boundscheck:
        whole = context.cast(builder, index, kind, types.intp)
        with cgutils.if_unlikely(builder, builder.icmp_signed("<", whole, whole.type(0))):
            context.call_conv.return_user_exc(builder, IndexError, ("index is below zero",))
    return _usual(context, builder, kind, index, size)


arrayobj.fix_integer_index = _strict
