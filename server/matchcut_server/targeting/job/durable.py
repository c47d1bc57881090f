"""Files and folders that survive a crash, each step of which is on the disk before the next one begins."""

import os
from pathlib import Path

_UNFINISHED = ".unfinished"


def unfinished(path: Path) -> Path:
    """Return what a file is called while this process writes it."""
    return path.with_name(f"{path.name}.{os.getpid()}{_UNFINISHED}")


def write_durably(path: Path, content: bytes) -> None:
    """Write a file, which bears its name only once all of it is on the disk."""
    partial = unfinished(path)
    with partial.open("wb") as file:
        file.write(content)
        sync_file(file.fileno())
    publish(partial, path)


def publish(partial: Path, path: Path) -> None:
    """Give a file or folder that is on the disk its name."""
    partial.rename(path)
    sync_folder(path.parent)


def sync_file(descriptor: int) -> None:
    """Have what was written to a file on the disk."""
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_unfinished(folder: Path) -> None:
    """Delete what processes that were killed have left."""
    for path in folder.glob(f"*{_UNFINISHED}"):
        path.unlink(missing_ok=True)
