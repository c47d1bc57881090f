"""Where documents come from: files, folders, NDJSON, compressed or not, and standard input."""

import gzip
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

STANDARD_INPUT = "-"
_FOLDER_ENDINGS = (".json", ".ndjson", ".ndjson.gz")
_LINE_ENDINGS = (".ndjson", ".ndjson.gz")


@dataclass(frozen=True, slots=True)
class Document:
    """One document, and what to call it in messages."""

    name: str
    """Path of the file, with the number of the line where a file holds many."""
    content: bytes
    """Empty if it could not be read."""
    problem: str = ""
    """Why it could not be read."""


def read_documents(paths: Sequence[str]) -> Iterator[Document]:
    """Yield all documents under some paths: files, folders (searched whole, by name), and `-` for standard input.

    A file named `.ndjson` or `.ndjson.gz` holds a document a line; any other one document. Standard input holds either.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            yield from _standard_input()
        elif Path(path).is_dir():
            files = [file for file in sorted(Path(path).rglob("*")) if file.name.endswith(_FOLDER_ENDINGS)]
            if not files:
                yield Document(path, b"", f"no {', '.join(_FOLDER_ENDINGS)} files in this folder")
            for file in files:
                yield from _file(file)
        else:
            yield from _file(Path(path))


def _file(path: Path) -> Iterator[Document]:
    try:
        if path.name.endswith(_LINE_ENDINGS):
            yield from _lines(path)
        else:
            yield Document(str(path), path.read_bytes())
    except (OSError, EOFError) as error:  # also raised by damaged gzip files
        yield Document(str(path), b"", f"cannot be read: {getattr(error, 'strerror', None) or error}")


def _lines(path: Path) -> Iterator[Document]:
    with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield Document(f"{path}:{number}", line)


def _standard_input() -> Iterator[Document]:
    """Read one document, or many, one a line: a document that is spread over lines does not end with its first one."""
    stream = sys.stdin.buffer
    first = stream.readline()
    if not first.rstrip().endswith((b"}", b"]")):
        yield Document(STANDARD_INPUT, first + stream.read())
        return
    for number, line in enumerate((first, *stream), start=1):
        if line.strip():
            yield Document(f"{STANDARD_INPUT}:{number}", line)
