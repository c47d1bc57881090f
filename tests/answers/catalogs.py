"""The catalogs that are asked, and how each comes to hold what it holds."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from matchcut_client import Keyword, KeywordSet, MatchcutClient, Video, VideoIndex, VideoMetadata, WriteResponse
from tests.answers.queries import EXAMPLE_QUERIES, EXAMPLES, FEW_QUERIES, REAL_QUERIES, example_id
from tests.answers.query import Query
from tests.documents import REAL, RETIRED

# So far away that every clock agrees on them.
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class AskedCatalog:
    """A catalog, what it is asked, and the file that holds what it answered."""

    name: str
    fill: Callable[[MatchcutClient], None]
    """Writes everything into the client's own catalog."""
    queries: dict[str, Query]
    recording: Path


def _recording(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.json")


def _fill_with_examples(client: MatchcutClient) -> None:
    """Import the example catalog; attributes go by the place of a file among all."""
    sections = ("cinema", "travel", "business")
    _taken(
        client.import_video_indexes(
            VideoIndex(
                path.read_bytes(),
                attributes={
                    "section": (sections[i % 3], "archive") if i % 5 == 0 else (sections[i % 3],),
                    **({"access": ("subscribers",)} if i % 4 == 0 else {}),
                },
            )
            for i, path in enumerate(EXAMPLES)
        )
    )


def _fill_and_edit(client: MatchcutClient) -> None:
    """Import the example catalog and go on writing: what was there is replaced, removed, hidden and doubled."""

    def copied(source: str, video_id: str) -> VideoIndex:
        return VideoIndex(_content(source), video_id=video_id)

    _fill_with_examples(client)
    # Further keyword sets in other languages; those of `venice-lido` then tie with those of another video.
    for source, target in (
        ("babelsberg", "pinewood-stages"),
        ("lyon-lumiere", "pinewood-stages"),
        ("venezia-mostra", "venice-lido"),
    ):
        _taken(client.import_video_indexes([copied(source, example_id(target))]))
    # Equal scores, to be told apart by their ids alone.
    _taken(client.import_video_indexes(copied("rolls-royce-results", one) for one in ("b", "a", "é", "Z", "10", "9")))
    _taken(
        client.update_video_metadata(
            [
                VideoMetadata(example_id("hitchcock-london"), expire_time=LONG_AGO),
                VideoMetadata(example_id("sheffield-documentaries"), published_time=FAR_AHEAD),
                VideoMetadata(example_id("ealing-comedies"), published_time=LONG_AGO, expire_time=FAR_AHEAD),
                VideoMetadata(
                    example_id("kitchen-sink-realism"), clear_published_time=True, attributes={"section": ()}
                ),
            ]
        )
    )
    # Another's keywords, and none at all.
    _taken(client.import_video_indexes([copied("wembley-cup-final", example_id("hadrians-wall"))]))
    _taken(client.import_video_indexes([copied("holkham-tide", example_id("stonehenge-midsummer"))]))
    gone = [example_id(name) for name in ("leeds-short-films", "london-festival-debuts")]
    _taken(client.delete_videos([*gone, "nobody"]))
    _taken(client.import_video_indexes([_content("london-festival-debuts")]))
    bare = KeywordSet("en", (Keyword("film festival"), Keyword("England", 0.9), Keyword("a film", 0.1)))
    _taken(client.upsert_videos([Video("bare", keyword_sets=(bare, replace(bare, language="de")))]))


def _fill_with_real(folder: Path) -> Callable[[MatchcutClient], None]:
    def fill(client: MatchcutClient) -> None:
        paths = [path for path in sorted(folder.glob("*.json")) if path.name != RETIRED]
        _taken(client.import_video_indexes(path.read_bytes() for path in paths))

    return fill


def _content(name: str) -> bytes:
    (path,) = (path for path in EXAMPLES if path.stem == name)
    return path.read_bytes()


def _taken(answer: WriteResponse) -> None:
    assert not answer.rejected


CATALOGS = [
    AskedCatalog("examples", _fill_with_examples, EXAMPLE_QUERIES, _recording("examples")),
    AskedCatalog("edited", _fill_and_edit, FEW_QUERIES, _recording("edited")),
    AskedCatalog("real", _fill_with_real(REAL), REAL_QUERIES, _recording("real")),
]


def whole(folder: Path) -> AskedCatalog:
    """Return the catalog of the whole real documents, which answers as that of the reduced ones does."""
    return AskedCatalog("whole", _fill_with_real(folder), REAL_QUERIES, _recording("real"))
