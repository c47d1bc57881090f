"""Where documents come from: files, folders, NDJSON, compressed or not, and standard input."""

import gzip
import itertools
import os
import sys
import zlib
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
            files = folder_files(Path(path))
            if not files:
                yield Document(path_name(path), b"", f"no {', '.join(_FOLDER_ENDINGS)} files in this folder")
            for file in files:
                yield from read_file(file)
        else:
            yield from read_file(Path(path))


def folder_files(folder: Path) -> list[Path]:
    """Return the files of a folder, searched whole, that hold documents by their names; in the order of these."""
    return [file for file in sorted(folder.rglob("*")) if is_source(file) and not file.is_dir()]


def is_source(path: Path) -> bool:
    """Tell whether a file in a folder holds documents by its name."""
    return path.name.endswith(_FOLDER_ENDINGS)


def read_file(path: Path) -> Iterator[Document]:
    """Yield the documents of a file; what cannot be read is one with a problem."""
    try:
        if path.name.endswith(_LINE_ENDINGS):
            yield from _lines(path)
        else:
            yield Document(path_name(path), path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:  # also raised by damaged gzip files
        yield Document(path_name(path), b"", f"cannot be read: {getattr(error, 'strerror', None) or error}")


def _lines(path: Path) -> Iterator[Document]:
    with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
        empty = True
        for number, line in enumerate(file, start=1):
            if line.strip():
                empty = False
                yield Document(f"{path_name(path)}:{number}", line)
    if empty:
        yield Document(path_name(path), b"", "no documents in this file")


def _standard_input() -> Iterator[Document]:
    """Read one document, or many, one a line: a document that is spread over lines does not end with its first one."""
    stream = sys.stdin.buffer
    number, first = next(((n, line) for n, line in enumerate(stream, start=1) if line.strip()), (1, b""))
    if not first.rstrip().endswith((b"}", b"]")):
        yield Document(STANDARD_INPUT, first + stream.read())
        return
    for at, line in enumerate(itertools.chain([first], stream), start=number):
        if line.strip():
            yield Document(f"{STANDARD_INPUT}:{at}", line)


def path_name(path: str | Path) -> str:
    """Return a path as text that can be printed and encoded, also where the file's name is not UTF-8."""
    return os.fsencode(path).decode(errors="backslashreplace")
