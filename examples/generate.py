"""Writes the example catalog: `python -m examples.generate`."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from examples.document import Recording, document, project_document, record
from examples.themes import companies, england, films, life, technology, world

CATALOG = Path(__file__).parent / "catalog"

THEMES = (films.THEME, england.THEME, world.THEME, technology.THEME, companies.THEME, life.THEME)
PROJECTS = life.PROJECTS

_WIDTH = 140


def documents() -> Iterator[tuple[str, bytes]]:
    """File name and content of every document of the catalog, always in the same order and with the same bytes."""
    recordings: dict[str, Recording] = {}
    for theme in THEMES:
        for clip in theme.clips:
            recording = recordings[clip.slug] = record(clip, theme)
            yield f"{clip.slug}.json", encoded(document(recording))
    for project in PROJECTS:
        yield f"{project.slug}.json", encoded(project_document(project, recordings))


def encoded(value: object) -> bytes:
    """JSON with one key a line, except that what is short stays on one line, so that differences read well."""
    return (_layout(value, 0) + "\n").encode()


def _layout(value: object, depth: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if (depth and len(flat) <= _WIDTH) or not isinstance(value, dict | list) or not value:
        return flat
    inner = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_layout(item, depth + 1)}" for key, item in value.items()]
        return f"{{{inner}{(',' + inner).join(parts)}\n{' ' * depth}}}"
    parts = [_layout(item, depth + 1) for item in value]
    return f"[{inner}{(',' + inner).join(parts)}\n{' ' * depth}]"


def write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Makes the folder's JSON files exactly these: others are removed."""
    folder.mkdir(exist_ok=True)
    contents = dict(files)
    for path in folder.glob("*.json"):
        if path.name not in contents:
            path.unlink()
    for name, content in contents.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    write(CATALOG, documents())
