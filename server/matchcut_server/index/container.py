"""Files of named arrays: written once, checked when opened, mapped into memory and never changed.

    magic, version | arrays, each at a multiple of 64 bytes | contents in MessagePack | where the contents are, magic

The contents name each array with its type, shape, place and XXH3 checksum; the end holds a checksum of the contents. A
file whose writing was interrupted has no end; whatever else happens to one, its checksums tell.
"""

import mmap
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

_MAGIC = b"MATCHCUT"
_VERSION = 1
_ALIGNMENT = 64
_HEAD = struct.Struct("<8sI")
_END = struct.Struct("<QQQI8s")
"""Offset, length and checksum of the contents; version; magic."""


class DamagedFile(Exception):
    """A file that is not what it should be, and why."""


class _Entry(Struct, frozen=True, array_like=True):
    dtype: str
    shape: tuple[int, ...]
    offset: int
    checksum: int


class _Contents(Struct, frozen=True, array_like=True):
    arrays: dict[str, _Entry]
    about: bytes


class ContainerWriter:
    """Writes a file under another name, and gives it its own when all of it is on the disk.

    Used as a context: what is not published is deleted at its end, so that a disk that it has filled has room again.
    Only a process that is killed leaves an unfinished file, which `unfinished_name` names.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._unfinished = target.with_name(unfinished_name(target.name))
        self._entries: dict[str, _Entry] = {}

    def __enter__(self) -> Self:
        self._file = self._unfinished.open("wb")
        self._file.write(_HEAD.pack(_MAGIC, _VERSION))
        return self

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Write an array."""
        offset = -(-self._file.tell() // _ALIGNMENT) * _ALIGNMENT
        self._file.write(bytes(offset - self._file.tell()))
        data = np.ascontiguousarray(array).view(np.uint8).data if array.size else memoryview(b"")
        self._file.write(data)
        self._entries[name] = _Entry(array.dtype.str, array.shape, offset, xxh3_64_intdigest(data))

    def publish(self, about: bytes) -> None:
        """End the file with its contents and what it is `about`, make it durable, and give it its name."""
        contents = msgspec.msgpack.encode(_Contents(self._entries, about))
        offset = self._file.tell()
        self._file.write(contents)
        self._file.write(_END.pack(offset, len(contents), xxh3_64_intdigest(contents), _VERSION, _MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unfinished.rename(self._target)
        folder = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()  # writes what is left to write, for which there may be no room
        finally:
            self._unfinished.unlink(missing_ok=True)


def unfinished_name(name: str) -> str:
    """Return what a file is called while it is written."""
    return f"{name}.unfinished"


class Container:
    """The arrays of a file, mapped. Raises `DamagedFile`, and `OSError` if it cannot be read.

    Every byte is checked, which also brings the file into memory; `only_about`: none but what the file is about.
    """

    def __init__(self, path: Path, *, only_about: bool = False) -> None:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < _HEAD.size + _END.size:
                raise DamagedFile(f"{size} bytes are too few")
            self._map = memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))
        contents = self._read_contents(size)
        self.about = contents.about
        self.arrays: Mapping[str, NDArray[Any]]
        if only_about:
            self.arrays = {}
            return
        self.arrays = {name: self._checked(name, entry) for name, entry in contents.arrays.items()}

    def _read_contents(self, size: int) -> _Contents:
        magic, version = _HEAD.unpack(self._map[: _HEAD.size])
        offset, length, checksum, version_again, magic_again = _END.unpack(self._map[size - _END.size :])
        if magic != _MAGIC or magic_again != _MAGIC:
            raise DamagedFile("it is not a file of Matchcut, or was cut off")
        if version != _VERSION or version_again != _VERSION:
            raise DamagedFile(f"it is of format {version}, this version reads {_VERSION}")
        raw = self._map[offset : offset + length]
        if offset + length + _END.size != size or xxh3_64_intdigest(raw) != checksum:
            raise DamagedFile("its contents do not have the checksum they were written with")
        try:
            return msgspec.msgpack.decode(raw, type=_Contents)
        except msgspec.DecodeError as error:
            raise DamagedFile(f"its contents cannot be read: {error}") from error

    def _checked(self, name: str, entry: _Entry) -> NDArray[Any]:
        dtype = np.dtype(entry.dtype)
        data = self._map[entry.offset : entry.offset + int(np.prod(entry.shape, dtype=np.int64)) * dtype.itemsize]
        if xxh3_64_intdigest(data) != entry.checksum:
            raise DamagedFile(f"{name} does not have the checksum it was written with")
        return np.frombuffer(data, dtype=dtype).reshape(entry.shape)
