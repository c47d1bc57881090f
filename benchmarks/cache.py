"""The folder for what is made once and used by many runs; git ignores it, and it may be deleted at any time."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import matchcut_server

FOLDER = Path(__file__).parent / ".cache"

_SERVER = Path(matchcut_server.__file__).parent


def fingerprint(*sources: str) -> str:
    """Condense the source code that a cached thing was made with, so that a change of it makes the thing anew.

    `sources`: modules beside this one, such as `catalog.py`, modules and folders of the server, such as `store`, or
    the whole path of what a cached thing was made from.
    """
    digest = hashlib.blake2b(digest_size=6)
    for source in sources:
        for path in _files(source):
            digest.update(path.stem.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def cached(name: str, version: str, make: Callable[[Path], None]) -> Path:
    """Return the path of a file or folder that `make` writes to the path it is given, unless it is there already.

    Other versions of it are deleted. What is not finished never bears its name.
    """
    FOLDER.mkdir(exist_ok=True)
    target = FOLDER / f"{name}.{version}"
    if not target.exists():
        _delete(FOLDER.glob(f"{name}.*"))
        unfinished = FOLDER / f"{name}.{version}.unfinished"
        make(unfinished)
        unfinished.rename(target)
    return target


def _files(source: str) -> list[Path]:
    beside = Path(__file__).parent / source
    served = _SERVER / source
    if beside.is_file() or served.is_file():
        return [beside if beside.is_file() else served]
    return sorted(path for path in served.rglob("*") if path.suffix in {".py", ".sql"})


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
