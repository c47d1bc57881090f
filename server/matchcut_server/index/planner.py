"""The planner: which kernel answers a query over a segment, by what each is estimated to cost."""

from typing import Literal, NamedTuple

from .arrays import Impacts, Query
from .kernels import MAX_TERMS

Kernel = Literal["pruned", "plain", "scan"]


class Plan(NamedTuple):
    """The kernel that is used, and the estimates it was chosen by, in nanoseconds."""

    kernel: Kernel
    costs: dict[Kernel, float]


def plan(query: Query, impacts: Impacts, rows: int, allowed: int, count: int) -> Plan:
    """Choose the kernel for a query over a segment of `rows`, `allowed` of whose videos may be returned.

    `count`: how many rows are wanted.
    """
    layers = impacts.layers
    postings = int((impacts.starts[layers[query.terms + 1]] - impacts.starts[layers[query.terms]]).sum())
    costs: dict[Kernel, float] = {
        "scan": 150.0 * allowed,
        "plain": 1.3 * postings + 0.8 * rows,
        "pruned": 0.3 * postings,
    }
    if len(query.terms) > MAX_TERMS:
        del costs["pruned"]
    return Plan(min(costs, key=costs.__getitem__), costs)
