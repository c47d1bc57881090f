import csv

from matchcut_server.story.lists import COLUMNS, as_csv, rows_of
from tests.story.cuts import cut

CUTS = [
    cut("a", 1.23456, 3, title="=HYPERLINK(1)", keywords=("film, british", "london")),
    cut("b", 0, 2.5, source_video_id="s", source_start=10.0),
]


def test_rows_tell_where_each_cut_is_from_and_where_it_comes_in_the_story() -> None:
    first, second = rows_of(CUTS)
    assert tuple(first) == COLUMNS
    assert (first["start_seconds"], first["end_seconds"], first["length_seconds"]) == (1.235, 3, 1.765)
    assert (first["source_video_id"], first["source_start_seconds"]) == ("", None)
    assert (second["number"], second["story_start_seconds"]) == (2, 1.765)
    assert (second["source_video_id"], second["source_start_seconds"], second["source_end_seconds"]) == ("s", 10, 12.5)


def test_csv_reads_back_and_holds_no_formulas() -> None:
    rows = list(csv.DictReader(as_csv(CUTS).splitlines()))
    assert [row["title"] for row in rows] == ["'=HYPERLINK(1)", "about b"]
    assert rows[0]["keywords"] == "film, british; london"
    assert rows[0]["source_end_seconds"] == ""


def test_a_story_without_cuts_is_a_header() -> None:
    assert as_csv([]) == ",".join(COLUMNS) + "\n"
