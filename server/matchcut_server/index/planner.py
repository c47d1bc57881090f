"""The planner: which kernel answers a query over a segment, by what each is estimated to cost.

The constants are nanoseconds, measured on catalogs of 100,000 and a million videos; only their ratios matter. A wrong
guess costs time and never changes an answer.
"""

from typing import Literal, NamedTuple

from .arrays import Impacts, Query
from .kernels import MAX_TERMS

Kernel = Literal["pruned", "plain", "scan"]

_READ = 1.3
"""To add up one posting."""
_LOOK = 0.8
"""To look at the sum of one row."""
_SCORE = 200.0
"""To score one row exactly."""
_RAISE = 5_000.0
"""To find and score, for each row that is wanted, those that look better at first."""


class Plan(NamedTuple):
    """The kernel that is used, and the estimates it was chosen by, in nanoseconds."""

    kernel: Kernel
    costs: dict[Kernel, float]


def plan(query: Query, impacts: Impacts, rows: int, allowed: int, count: int) -> Plan:
    """Choose the kernel for a query over a segment of `rows`; `allowed` of them may be returned, `count` are wanted."""
    layers = impacts.layers
    postings = int((impacts.starts[layers[query.terms + 1]] - impacts.starts[layers[query.terms]]).sum())
    costs: dict[Kernel, float] = {
        "scan": _SCORE * allowed,
        "plain": _READ * postings + _LOOK * rows,
        # The more rows are wanted of those allowed, the lower is the threshold and the more postings can matter.
        "pruned": postings * min(2.0 * (count / max(allowed, 1)) ** 0.2, _READ) + _RAISE * count,
    }
    if len(query.terms) > MAX_TERMS:
        del costs["pruned"]
    return Plan(min(costs, key=costs.__getitem__), costs)
