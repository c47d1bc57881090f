"""Runs benchmarks: `python -m benchmarks` all of them, `python -m benchmarks NAME` one."""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping

from . import (
    batch,
    filters,
    freshness,
    growth,
    ingest,
    machine,
    placements,
    ranking,
    report,
    rpc,
    search,
    start,
    swap,
    tenants,
    users,
)
from .measure import FULL, LARGEST, QUICK, Row, Scale, log_little

BENCHMARKS: Mapping[str, Callable[[Scale], Iterator[Row]]] = {
    "search": search.run,
    "filters": filters.run,
    "batch": batch.run,
    "growth": growth.run,
    "freshness": freshness.run,
    "swap": swap.run,
    "rpc": rpc.run,
    "start": start.run,
    "ingest": ingest.run,
    "tenants": tenants.run,
    "ranking": ranking.run,
    "users": users.run,
    "placements": placements.run,
}


def main(arguments: list[str] | None = None) -> None:
    """Run what was asked for; all of it in full also writes the results file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; all of them if none is named"
    )
    scales = parser.add_mutually_exclusive_group()
    scales.add_argument("--quick", action="store_true", help="a small catalog, once: whether they run, not how fast")
    scales.add_argument(
        "--largest", action="store_true", help="growth to 3,000,000 videos and a start with 1,000,000 as well"
    )
    options = parser.parse_args(arguments)
    log_little()
    unknown = set(options.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    scale = QUICK if options.quick else LARGEST if options.largest else FULL
    where = machine.describe()
    for name, value in where:
        print(f"{name + ':':<20} {value}")
    print()
    start = time.perf_counter()
    rows: list[Row] = []
    report.print_head()
    for name in options.names or BENCHMARKS:
        for row in BENCHMARKS[name](scale):
            report.print_row(row)
            rows.append(row)
    seconds = time.perf_counter() - start
    print(f"\n{seconds:.0f} seconds")
    if not (options.names or options.quick):
        command = "python -m benchmarks" + " --largest" * options.largest
        report.write_results(rows, where, command, seconds)
        print(f"written to {report.RESULTS.relative_to(report.RESULTS.parent.parent)}")


if __name__ == "__main__":
    main()
