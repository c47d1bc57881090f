"""Cut lists as JSON and CSV: for programs, and for people with a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from .cut import Cut

COLUMNS = (
    "number",
    "video_id",
    "title",
    "start_seconds",
    "end_seconds",
    "length_seconds",
    "story_start_seconds",
    "score",
    "keywords",
    "source_video_id",
    "source_start_seconds",
    "source_end_seconds",
)


def rows_of(cuts: Sequence[Cut]) -> list[dict[str, Any]]:
    """Return one row a cut, in order, with the names of `COLUMNS`; times in seconds to the millisecond."""
    rows = []
    at = 0.0
    for number, cut in enumerate(cuts, start=1):
        source_end = None if cut.source_start is None else cut.source_start + cut.length
        values = (
            number,
            cut.video_id,
            cut.title,
            round(cut.start, 3),
            round(cut.end, 3),
            round(cut.length, 3),
            round(at, 3),
            cut.score,
            list(cut.keywords),
            cut.source_video_id,
            None if cut.source_start is None else round(cut.source_start, 3),
            None if source_end is None else round(source_end, 3),
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
        at += cut.length
    return rows


def as_csv(cuts: Sequence[Cut]) -> str:
    """Write cuts as CSV with a header; keywords are separated by `; `."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows_of(cuts):
        keywords = "; ".join(row["keywords"])
        writer.writerow({name: _safe(value) for name, value in {**row, "keywords": keywords}.items()})
    return text.getvalue()


def _safe(value: Any) -> Any:
    """Keep a spreadsheet from taking text for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
