"""The table, printed and written to a file."""

from collections.abc import Sequence
from pathlib import Path

from .measure import Row

COMMAND = "python -m benchmarks"
RESULTS = Path(__file__).parent / "RESULTS.md"

_HEAD = ("what", "videos", "median", "p99", "beside")
_WIDTHS = (54, 8, 17, 9, 22)
_ABOUT = """\
Medians of one run on one machine; what is compared was measured in the same run, in turns. "Beside" is the ratio to
what stands in the row: `2 × Matchcut` took twice as long (or twice the memory), `0.1 × empty` made a tenth of the
calls a second.

- **Catalog**: synthetic, fixed seed. 30 keywords a video of one or two words, about 65 terms in two blocks; keywords
  by Zipf's law in the catalog and in each of 500 topics, the most frequent one in 41 % of the videos. Profiles have 30
  interests, about 65 terms, of four topics. What a search returns is drawn from the same words as what it searches, so
  a profile's terms meet about 2 postings for every video of the catalog.
- **search**: the exact best 20 of one profile, in one thread, terms given as text. scipy is the sparse product of
  `benchmarks/rivals/scipy_product.py` over vectors that scikit-learn has weighted, in the orientation that was faster;
  every list was checked to be the same as Matchcut's.
- **index**: built from finished tf vectors, in a process of its own; scipy from finished tf matrices, which is less
  work, and without anything else that an index holds. Memory is what the process grew by, without the texts of terms.
- **import**: calls of 200 documents (whole ones: 20), sent by another process on the same machine; a document counts
  when the call that holds it has returned, and then it is on the disk and the next search finds it. The stages were
  measured one by one in one thread; a server adds gRPC, and with several connections shares one Python interpreter.
- **RecommendVideos**: 20 videos for 30 interests, over loopback, sent by another process that takes CPU of the same
  machine. The empty RPC answers the same number of bytes to the same requests, without looking at them.
- **catalogs of 200 videos**: in one process, with as many loaded as there is room for by default; a catalog that is
  searched for the first time is loaded from the store. "Seen after" is the time from the commit of another connection
  until a read has it without asking for it. Memory is what the process grew by.
- **first search after a write**: one video replaced, then one search that sees it; in one process, without the store.
"""


def print_row(row: Row) -> None:
    """Print a row under its heads."""
    print(_line(_cells(row)), flush=True)


def print_head() -> None:
    """Print what the columns are."""
    print(_line(_HEAD))
    print(_line(["-" * width for width in _WIDTHS]), flush=True)


def write_results(rows: Sequence[Row], where: Sequence[tuple[str, str]], seconds: float) -> None:
    """Write the table, and `where` it was measured: names and values."""
    lines = ["# Benchmark results", "", f"Measured by `{COMMAND}`, which took {seconds / 60:.0f} minutes.", ""]
    lines += [f"- {name}: {value}" for name, value in where]
    lines += ["", _markdown(_HEAD), "|---|---:|---:|---:|---|"]
    for row in rows:
        cells = _cells(row)
        indent = "&nbsp;&nbsp;" if row.what.startswith(" ") else ""
        lines.append(_markdown([indent + cells[0].strip(), *cells[1:]]))
    lines += ["", "## How it was measured", "", _ABOUT]
    RESULTS.write_text("\n".join(lines))


def _cells(row: Row) -> list[str]:
    return [row.what, "" if row.videos is None else f"{row.videos:,}", row.median, row.p99, row.beside]


def _line(cells: Sequence[str]) -> str:
    what, videos, median, p99, beside = (
        cell.ljust(width) if i in {0, 4} else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    )
    return f"{what}  {videos}  {median}  {p99}  {beside}".rstrip()


def _markdown(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
