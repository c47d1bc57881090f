"""The table, printed and written to a file."""

from collections.abc import Sequence
from pathlib import Path

from .measure import Row

RESULTS = Path(__file__).parent / "RESULTS.md"

_HEAD = ("what", "videos", "median", "p99", "beside")
_WIDTHS = (54, 9, 18, 9, 22)
_ABOUT = """\
Medians of one run on one machine; what is compared was measured in the same run, in turns: the same profile, one after
the other. "Beside" is the ratio to what stands in the row: `2 × Matchcut` took twice as long (or twice the memory),
`0.1 × empty` made a tenth of the calls a second. What is slow was asked less often, and has no p99 where it was asked
less than 100 times.

- **Catalog**: synthetic, fixed seed. 30 keywords a video of one or two words, about 65 terms in two blocks; keywords
  by Zipf's law in the catalog and in each of 500 topics, the most frequent one in 41 % of the videos. What a search
  returns is drawn from the same words as what it searches, so the terms of 30 interests meet about 2 postings for every
  video of the catalog.
- **Profiles**: 30 interests, about 65 terms, of four topics; or the 400 terms that weigh most in the mean of the
  vectors of 15 videos about four topics, as a user's history gives them.
- **search**: the exact best 20 of one profile, in one thread, terms given as text. The rivals are those of
  `benchmarks/rivals`, each with its formula. scipy, scikit-learn and sparse-dot-topn search the same weighted vectors,
  and every list was checked to be the same as Matchcut's. bm25s, tantivy and SQLite FTS5 search text: they have the
  same terms of each video, but score them by BM25, so their lists are others.
- **filter**: the same searches where a part of the videos is allowed, in turns with those that allow all.
- **batch**: many profiles at once, all threads of the process kept on so many cores. sparse-dot-topn in its best
  settings of those tried: on two threads even on one core, blocks of 100,000 videos.
- **growth**: each catalog in a process of its own. Memory is what that process grew by, without the texts of terms that
  were there before; `shared` is the part that comes from files, which all processes of the machine share. Matchcut is
  built from finished tf vectors and holds what filters and changes need; the rivals are built from finished tf matrices
  or token lists and hold nothing else.
- **the next generation**: 1 % of the videos are deleted and another process builds, at low priority; searches go on in
  one thread until 200 of them have been answered by the new generation.
- **first search after a write**: one video replaced, then one search that sees it; in one process, without the store.
- **RecommendVideos**: 20 videos for 30 interests, over loopback, sent by another process that takes CPU of the same
  machine. The empty RPC answers the same number of bytes to the same requests from as many processes, without looking
  at them. CPU is that of all processes of the server; "beyond the search" is without what a search takes in a loop.
- **start**: from the start of the command to the health service's SERVING, with a data folder that holds the catalog.
- **import**: calls of 200 documents (whole ones: 20), sent by another process on the same machine; a document counts
  when the call that holds it has returned, and then it is on the disk and the next search finds it. The stages were
  measured one by one in one thread; a server adds gRPC, and with several connections shares one Python interpreter.
- **catalogs of 200 videos**: in one process, with as many loaded as there is room for by default; a catalog that is
  searched for the first time is loaded from the store. "Seen after" is the time from the commit of another connection
  until a read has it without asking for it. Memory is what the process grew by.
- **recommendations for 30 interests**: what a server does for a call besides gRPC, in one thread, 20 videos a page.
  Each row below was measured in turns with the request it is compared with; after the ratio stands the median of the
  differences. Users have declared the 30 interests and have watched, liked and been shown what matches them best; of a
  first use nothing is kept from before but the credits in the store.
- **RecordEvents, UpsertProfiles**: calls of 1,000, each durable when it returns; over gRPC sent by another process.
  "From an event": from the moment one process has the event on the disk until another one has answered with
  recommendations that leave the liked video out. Stored users have 10 interests, and each tenth one 10 events; memory
  is that of all processes of the server, what they share counted once. Of `RecommendVideos` each call is for another
  user.
- **best 1,000 of so many users**: in one thread, for promotions of 10 keywords about one topic; users have 30 interests
  about four topics each. Before it is measured, the scores of one promotion are compared with scipy's. "As for pages"
  is what the first of several pages finds.
- **moments**: searches in one process over catalogs of 30 keywords a video, one instance each, for keywords of
  different users; the first 20 moments. The ways to ask take turns.
- **MatchPlacements**: over loopback, promotions of 8 keywords about four topics; each keyword of a video is on screen
  at one to four times all over it. "100 promotions share them": one call for all.
- **target --users**: the job over stored users of 30 interests, who have watched nothing, their best 20 videos each;
  from the first users that are done to the last. sparse-dot-topn searches for the same profiles, weighed already, and
  writes nothing.
"""


def print_row(row: Row) -> None:
    """Print a row under its heads."""
    print(_line(_cells(row)), flush=True)


def print_head() -> None:
    """Print what the columns are."""
    print(_line(_HEAD))
    print(_line(["-" * width for width in _WIDTHS]), flush=True)


def write_results(rows: Sequence[Row], where: Sequence[tuple[str, str]], command: str, seconds: float) -> None:
    """Write the table, `where` it was measured (names and values), and the command that did in so many seconds."""
    lines = ["# Benchmark results", "", f"Measured by `{command}`, which took {seconds / 60:.0f} minutes.", ""]
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
