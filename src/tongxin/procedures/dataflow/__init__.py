"""Which variables a package's expressions read, which its steps set, and what does not fit together."""

from tongxin.procedures.dataflow.check import check
from tongxin.procedures.dataflow.contents import Contents
from tongxin.procedures.dataflow.places import places

__all__ = ["Contents", "check", "places"]
