"""`matchcut export`, and how its lines are written and read: one JSON object a line, settings first, then videos."""

import argparse
import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from matchcut_client import CatalogSettings, MatchcutClient, NotFound, Video, VideoView
from matchcut_server.cli.connection import add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.render import counted, print_json

FORMAT = 1
STANDARD_OUTPUT = "-"
_START = b'{"matchcut_export":'


@dataclass(frozen=True, slots=True)
class Exported:
    """One line of an export: the settings of the catalog, or a video."""

    matchcut_export: int
    settings: CatalogSettings | None = None
    video: Video | None = None

    @staticmethod
    def is_one(content: bytes) -> bool:
        """Tell a line of an export from a Video Indexer document."""
        return content.startswith(_START)

    @staticmethod
    def decode(content: bytes) -> "Exported":
        """Read a line. Raises `msgspec.DecodeError`, or `ValueError` for one of another format."""
        exported = _DECODER.decode(content)
        if exported.matchcut_export != FORMAT:
            raise ValueError(f"format {exported.matchcut_export}, and {FORMAT} is known")
        return exported

    def encode(self) -> bytes:
        """Write a line; its first name is the one by which `is_one` knows it."""
        return _ENCODER.encode(self) + b"\n"


_DECODER = msgspec.json.Decoder(Exported)
_ENCODER = msgspec.json.Encoder()


def restore_settings(client: MatchcutClient, catalog: str, settings: CatalogSettings) -> None:
    """Give a catalog the settings of an export; create it if it is not there."""
    try:
        client.update_catalog(settings, name=catalog)
    except NotFound:
        client.create_catalog(catalog, settings)


def add_export(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `export`."""
    parser = commands.add_parser(
        "export",
        help="write a whole catalog to a file that import reads",
        description="Write the settings and all videos of a catalog, one JSON object a line. `matchcut import` reads "
        "it back, into the same or another catalog, on this or another server.",
    )
    parser.add_argument(
        "target",
        nargs="?",
        default=STANDARD_OUTPUT,
        metavar="FILE",
        help="file to write; .gz compresses; - is standard output (default)",
    )
    add_connection(parser)
    parser.set_defaults(run=run_export)


def run_export(arguments: argparse.Namespace) -> int:
    """Export a catalog."""
    with connect(arguments) as client:
        catalog = client.get_catalog(arguments.catalog).catalog
        count = 0
        with opened(arguments.target) as file:
            file.write(Exported(FORMAT, settings=catalog.settings).encode())
            for video in client.iter_videos(view=VideoView.FULL):
                file.write(Exported(FORMAT, video=video).encode())
                count += 1
    print(f"exported {counted(count, 'video')} of catalog '{arguments.catalog}'", file=sys.stderr)
    if arguments.json and arguments.target != STANDARD_OUTPUT:
        print_json({"catalog": arguments.catalog, "videos": count})
    return 0


@contextmanager
def opened(target: str) -> Iterator[BinaryIO]:
    """Open what is written to; a file appears under its name only when it is complete."""
    if target == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    unfinished = path.with_name(f"{path.name}.partial")
    try:
        with gzip.open(unfinished, "wb") if path.suffix == ".gz" else unfinished.open("wb") as file:
            yield file  # type: ignore[misc]  # a GzipFile is written to like any other
        unfinished.replace(path)
    except OSError as error:
        raise Failure(f"{target}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
