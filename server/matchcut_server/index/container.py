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
from typing import Any, BinaryIO, Self

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from xxhash import xxh3_64, xxh3_64_intdigest

_MAGIC = b"MATCHCUT"
_VERSION = 2
_ALIGNMENT = 64
_CHUNK = 1 << 20
"""Bytes that are read at a time: few enough to stay in the cache of a core until they are checked."""
_HEAD = struct.Struct("<8sI")
_END = struct.Struct("<QQQI8s")
"""Offset, length and checksum of the contents; version; magic."""


class DamagedFile(Exception):
    """A file that is not what it should be, and why."""


class OtherFormat(DamagedFile):
    """A whole file of another version of the format."""


class Entry(Struct, frozen=True, array_like=True):
    """An array of a file."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    """Of its first byte in the file."""
    checksum: int

    @property
    def length(self) -> int:
        """Its size in bytes."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize


class Contents(Struct, frozen=True, array_like=True):
    """What is in a file."""

    arrays: dict[str, Entry]
    about: bytes


class ContainerWriter:
    """Writes a file under another name, and gives it its own when all of it is on the disk.

    Used as a context: what is not published is deleted at its end, so that a disk that it has filled has room again.
    Only a process that is killed leaves an unfinished file, which `unfinished_name` names.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._unfinished = target.with_name(unfinished_name(target.name))
        self._entries: dict[str, Entry] = {}

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
        self._entries[name] = Entry(array.dtype.str, array.shape, offset, xxh3_64_intdigest(data))

    def publish(self, about: bytes) -> None:
        """End the file with its contents and what it is `about`, make it durable, and give it its name."""
        contents = msgspec.msgpack.encode(Contents(self._entries, about))
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
    """The arrays of a file, mapped. Raises `DamagedFile`, and `OSError` if it cannot be opened.

    Every byte is checked, which also brings the file into memory; `only_about`: none but what the file is about. It is
    read for that before it is mapped: a disk that fails is told of, while under a map it would end the process.
    """

    def __init__(self, path: Path, *, only_about: bool = False) -> None:
        with path.open("rb") as file:
            contents = read_contents(file)
            self.about = contents.about
            self.arrays: Mapping[str, NDArray[Any]] = {}
            if only_about:
                return
            chunk = memoryview(bytearray(_CHUNK))
            for name, entry in contents.arrays.items():
                _check(file, name, entry, chunk)
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        np.frombuffer(mapped, dtype=np.uint8)[
            :: mmap.PAGESIZE
        ].max()  # no search shall wait for the first look at a page
        self.arrays = {name: _array(mapped, entry) for name, entry in contents.arrays.items()}


def read_contents(file: BinaryIO) -> Contents:
    """Tell what arrays a file has, and what it is about. Raises `DamagedFile`."""
    size = os.fstat(file.fileno()).st_size
    if size < _HEAD.size + _END.size:
        raise DamagedFile(f"{size} bytes are too few")
    magic, version = _HEAD.unpack(_read(file, 0, _HEAD.size))
    offset, length, checksum, version_again, magic_again = _END.unpack(_read(file, size - _END.size, _END.size))
    if magic != _MAGIC or magic_again != _MAGIC:
        raise DamagedFile("it is not a file of Matchcut, or was cut off")
    if version != version_again:
        raise DamagedFile(f"it begins as format {version} and ends as format {version_again}")
    if version != _VERSION:
        raise OtherFormat(f"it is of format {version}, this version reads {_VERSION}")
    if offset + length + _END.size != size:
        raise DamagedFile("its contents are not where they should be")
    raw = _read(file, offset, length)
    if xxh3_64_intdigest(raw) != checksum:
        raise DamagedFile("its contents do not have the checksum they were written with")
    try:
        return msgspec.msgpack.decode(raw, type=Contents)
    except msgspec.DecodeError as error:
        raise DamagedFile(f"its contents cannot be read: {error}") from error


def _check(file: BinaryIO, name: str, entry: Entry, chunk: memoryview) -> None:
    checksum = xxh3_64()
    left = entry.length
    while left:
        some = chunk[: min(left, len(chunk))]
        _read_into(file, entry.offset + entry.length - left, some)
        checksum.update(some)
        left -= len(some)
    if checksum.intdigest() != entry.checksum:
        raise DamagedFile(f"{name} does not have the checksum it was written with")


def _array(mapped: memoryview, entry: Entry) -> NDArray[Any]:
    data = mapped[entry.offset : entry.offset + entry.length]
    return np.frombuffer(data, dtype=np.dtype(entry.dtype)).reshape(entry.shape)


def _read(file: BinaryIO, offset: int, length: int) -> bytearray:
    found = bytearray(length)
    _read_into(file, offset, memoryview(found))
    return found


def _read_into(file: BinaryIO, offset: int, buffer: memoryview) -> None:
    while buffer:
        try:
            count = os.preadv(file.fileno(), [buffer], offset)
        except OSError as error:
            raise DamagedFile(f"the disk does not give it: {error.strerror}") from error
        if not count:
            raise DamagedFile("it was cut off while it was read")
        buffer, offset = buffer[count:], offset + count
