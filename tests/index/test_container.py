"""Files of arrays give back what was written, or tell that they are damaged: never anything else."""

import errno
import os
import resource
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from matchcut_server.index.container import Container, ContainerWriter, DamagedFile, read_contents, unfinished_name
from matchcut_server.index.generation import Generation, read_about
from tests.index.generations import generation_file
from tests.index.strategies import numbered_video

ARRAYS: dict[str, NDArray[Any]] = {
    "bytes": np.arange(7, dtype=np.uint8),
    "keys": np.array([0, 2**64 - 1], dtype=np.uint64),
    "floats": np.array([-np.inf, -0.0, 1e-300, np.inf]),
    "none": np.empty(0, dtype=np.int32),
    "table": np.arange(6, dtype=np.int16).reshape(2, 3),
    "parts": np.arange(0, 2**16, 991, dtype=np.uint16),
    "many": np.arange(1_000),
}


def write(path: Path, about: bytes = b"about it") -> None:
    with ContainerWriter(path) as writer:
        for name, array in ARRAYS.items():
            writer.add(name, array)
        writer.publish(about)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a file."""
    path = tmp_path_factory.mktemp("container") / "file"
    write(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def scratch_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where an example puts its file."""
    return tmp_path_factory.mktemp("examples") / "file"


def check_whole(path: Path) -> None:
    container = Container(path)
    assert container.about == b"about it"
    assert container.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        found = container.arrays[name]
        assert (found.dtype, found.shape, found.tolist()) == (array.dtype, array.shape, array.tolist())


def test_arrays_come_back_as_they_were_and_cannot_be_changed(tmp_path: Path) -> None:
    write(tmp_path / "file")

    check_whole(tmp_path / "file")
    found = Container(tmp_path / "file").arrays
    assert not any(array.flags.writeable for array in found.values())
    assert all(array.ctypes.data % 64 == 0 for array in found.values() if array.size)
    assert Container(tmp_path / "file", only_about=True).about == b"about it"


def test_a_mapped_file_can_be_replaced_and_deleted(tmp_path: Path) -> None:
    write(tmp_path / "file")
    mapped = Container(tmp_path / "file")
    write(tmp_path / "file", b"another")
    again = Container(tmp_path / "file")
    (tmp_path / "file").unlink()

    assert (mapped.about, again.about) == (b"about it", b"another")
    assert mapped.arrays["many"].tolist() == again.arrays["many"].tolist() == list(range(1_000))


def test_a_file_has_its_name_only_when_all_of_it_is_written(tmp_path: Path) -> None:
    target, unfinished = tmp_path / "file", tmp_path / unfinished_name("file")
    write(target)
    before = target.read_bytes()
    with ContainerWriter(target) as writer:
        writer.add("a", np.arange(100_000))
        assert target.read_bytes() == before
        with pytest.raises(DamagedFile):
            Container(unfinished)

    assert target.read_bytes() == before
    write(target)
    assert sorted(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("at", ["write", "close"])
def test_what_cannot_be_written_to_its_end_is_deleted(at: str, tmp_path: Path) -> None:
    """The limit stands for a disk that is full: it is noticed by a write, or when what was buffered is written."""
    size = {"write": 1_000_000, "close": 1_000}[at]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"), ContainerWriter(tmp_path / "file") as writer:
            writer.add("a", np.ones(size, dtype=np.uint8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert not list(tmp_path.iterdir())


@given(data=st.data(), change=st.integers(1, 255))
def test_a_byte_that_has_changed_is_noticed(
    data: st.DataObject, change: int, written: bytes, scratch_path: Path
) -> None:
    """Those between the arrays, which align them, mean nothing."""
    place = data.draw(st.integers(0, len(written) - 1))
    scratch_path.write_bytes(written[:place] + bytes([written[place] ^ change]) + written[place + 1 :])

    try:
        check_whole(scratch_path)
    except DamagedFile:
        pass
    else:
        assert written[place] == 0
        assert place not in meaningful(written)


def meaningful(written: bytes) -> set[int]:
    """Return the places of all bytes but those that align arrays."""
    path_end = struct.unpack("<Q", written[-36:-28])[0]
    places = set(range(12)) | set(range(path_end, len(written)))
    at = 12
    for array in ARRAYS.values():
        at = -(-at // 64) * 64
        places.update(range(at, at + array.nbytes))
        at += array.nbytes
    return places


def test_the_places_that_matter_are_known(written: bytes) -> None:
    assert 0 < len(written) - len(meaningful(written)) < 64 * len(ARRAYS)


@given(data=st.data())
def test_a_file_that_is_cut_off_anywhere_is_noticed(data: st.DataObject, written: bytes, scratch_path: Path) -> None:
    scratch_path.write_bytes(written[: data.draw(st.integers(0, len(written) - 1))])

    with pytest.raises(DamagedFile):
        Container(scratch_path)
    with pytest.raises(DamagedFile):
        Container(scratch_path, only_about=True)


@given(st.binary(max_size=200))
def test_any_other_file_is_told_from_one(scratch_path: Path, content: bytes) -> None:
    scratch_path.write_bytes(content)

    with pytest.raises(DamagedFile):
        Container(scratch_path)


HEAD, END = slice(0, 12), slice(-36, None)


def repacked(content: bytes, **other: Any) -> bytes:
    """Write the first and the last bytes of a file anew, with other values."""
    magic, version = struct.unpack("<8sI", content[HEAD])
    offset, length, checksum, version, magic = struct.unpack("<QQQI8s", content[END])
    values = {"magic": magic, "version": version, "offset": offset, "length": length, "checksum": checksum, **other}
    head = struct.pack("<8sI", values["magic"], values["version"])
    names = ("offset", "length", "checksum", "version", "magic")
    return head + content[12:-36] + struct.pack("<QQQI8s", *(values[name] for name in names))


@pytest.mark.parametrize(
    "other, why",
    [
        ({"magic": b"ANOTHER!"}, "not a file of Matchcut"),
        ({"version": 3}, "format 3, this version reads 2"),
        ({"version": 0}, "format 0"),
        ({"offset": 2**64 - 1}, "contents"),
        ({"offset": 0}, "contents"),
        ({"length": 2**64 - 1}, "contents"),
        ({"length": 0}, "contents"),
        ({"checksum": 0}, "contents"),
    ],
)
def test_why_a_file_cannot_be_read_is_told(other: dict[str, Any], why: str, written: bytes, tmp_path: Path) -> None:
    assert repacked(written) == written
    (tmp_path / "file").write_bytes(repacked(written, **other))

    with pytest.raises(DamagedFile, match=why):
        Container(tmp_path / "file")


@pytest.mark.parametrize(
    "change", [lambda content: content + b"\0", lambda content: content + content, lambda content: b"\0" + content]
)
def test_a_file_with_more_in_it_is_noticed(change: Callable[[bytes], bytes], written: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(change(written))

    with pytest.raises(DamagedFile):
        Container(tmp_path / "file")


def test_a_disk_that_fails_is_told_of_before_the_file_is_mapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ContainerWriter(tmp_path / "file") as writer:
        writer.add("a", np.arange(1_000_000))
        writer.publish(b"")
    preadv = os.preadv

    def fails_in_the_middle(file: int, buffers: list[memoryview], offset: int) -> int:
        if offset <= 4_000_000 < offset + len(buffers[0]):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return preadv(file, buffers, offset)

    monkeypatch.setattr(os, "preadv", fails_in_the_middle)

    with pytest.raises(DamagedFile, match="Input/output error"):
        Container(tmp_path / "file")


def test_a_file_that_is_read_in_small_pieces_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal or the system may end any read early."""
    write(tmp_path / "file")
    preadv = os.preadv
    monkeypatch.setattr(os, "preadv", lambda file, buffers, offset: preadv(file, [buffers[0][:7]], offset))

    check_whole(tmp_path / "file")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Container(tmp_path / "file")


# --- generations ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generation_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    random = np.random.default_rng(6)
    path = tmp_path_factory.mktemp("generation") / "file"
    generation_file([numbered_video(number, random) for number in range(20)], path)
    return path.read_bytes()


def test_every_array_of_a_generation_is_checked(generation_bytes: bytes, scratch_path: Path) -> None:
    scratch_path.write_bytes(generation_bytes)
    with scratch_path.open("rb") as file:
        entries = read_contents(file).arrays
    assert len(entries) > 3 * 20
    for name, entry in entries.items():
        if not np.prod(entry.shape):
            continue
        changed = bytearray(generation_bytes)
        changed[entry.offset] ^= 1
        scratch_path.write_bytes(changed)
        with pytest.raises(DamagedFile, match=name):
            Generation(scratch_path)
        assert read_about(scratch_path).segments == 3


@given(data=st.data())
def test_a_generation_that_is_cut_off_anywhere_is_noticed(
    data: st.DataObject, generation_bytes: bytes, scratch_path: Path
) -> None:
    scratch_path.write_bytes(generation_bytes[: data.draw(st.integers(0, len(generation_bytes) - 1))])

    for opened in (Generation, read_about):
        with pytest.raises(DamagedFile):
            opened(scratch_path)


def test_a_file_of_other_arrays_is_not_taken_for_a_generation(tmp_path: Path, generation_bytes: bytes) -> None:
    write(tmp_path / "other")
    (tmp_path / "whole").write_bytes(generation_bytes)
    with ContainerWriter(tmp_path / "some") as writer:
        writer.add("keys", ARRAYS["keys"])
        writer.publish(Container(tmp_path / "whole").about)

    for name in ("other", "some"):
        with pytest.raises(DamagedFile, match="not a generation"):
            Generation(tmp_path / name)


def test_what_is_written_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def noted_fsync(file: int) -> None:
        happened.append(f"fsync {Path(f'/proc/self/fd/{file}').readlink().name}")
        fsync(file)

    def noted_rename(self: Path, target: Path) -> Path:
        happened.append(f"rename {self.name} {target.name}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "rename", noted_rename)

    write(tmp_path / "file")

    assert happened == [
        f"fsync {unfinished_name('file')}",
        f"rename {unfinished_name('file')} file",
        f"fsync {tmp_path.name}",
    ]
