"""The file itself: a plain tar, its manifest first.

It is not compressed: whoever keeps many (restic, borg, zstd) does that better and finds again what
two of them share; no few bytes can swell into many; and each member can be reached at once.

It is read by ourselves rather than by tarfile, which obeys links, sparse files and headers that
promise more than there is. We know regular files with short names, and nothing else.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from monitor.backup.manifest import CURE, MANIFEST, Manifest, Member, read, write
from monitor.errors import DataError

_CHUNK = 1 << 20
_LARGEST_MANIFEST = 1 << 20


def fingerprint(file: Path) -> Member:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Member(file.stat().st_size, digest)


def pack(file: Path, manifest: Manifest, files: Mapping[str, Path], mtime: float) -> None:
    """A new file that only we may read, on the disk when this returns: it holds keys."""
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as stream:
        # GNU's way of writing sizes over 8 GB needs no further headers.
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
            text = write(manifest)
            tar.addfile(_header(MANIFEST, len(text), mtime), io.BytesIO(text))
            for name, each in files.items():
                with each.open("rb") as content:
                    tar.addfile(_header(name, manifest.members[name].size, mtime), content)
        stream.flush()
        os.fsync(stream.fileno())


def _header(name: str, size: int, mtime: float) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(mtime)
    return info


@dataclass(frozen=True, slots=True)
class Archive:
    """One that is open, and has every member that its manifest names, and no others."""

    file: Path
    manifest: Manifest
    stream: IO[bytes]
    begins: Mapping[str, int]  # name → offset of its content

    def verify(self) -> None:
        """Raises DataError where the content of a member is not as the manifest says."""
        for name in self.begins:
            self._copy(name, None)

    def extract(self, name: str, to: Path) -> None:
        """Raises DataError as `verify` does."""
        with to.open("xb") as sink:
            self._copy(name, sink)
            sink.flush()
            os.fsync(sink.fileno())

    def _copy(self, name: str, sink: IO[bytes] | None) -> None:
        wanted, digest = self.manifest.members[name], hashlib.sha256()
        self.stream.seek(self.begins[name])
        left = wanted.size
        while left and (chunk := self.stream.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
            if sink is not None:
                sink.write(chunk)
        if left or digest.hexdigest() != wanted.sha256:
            raise DataError(f"{self.file}: {name} is damaged; take another backup")


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """Raises DataError, one line, for whatever is no backup; the members' content is not read."""
    try:
        stream = file.open("rb")
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}; {CURE}") from None
    with stream:
        yield _opened(file, stream)


def _opened(file: Path, stream: IO[bytes]) -> Archive:
    first, begin = next(_members(file, stream), (None, 0))
    if first is None or first.name != MANIFEST or first.size > _LARGEST_MANIFEST:
        raise DataError(f"{file}: does not begin with a manifest; {CURE}")
    stream.seek(begin)
    manifest = read(stream.read(first.size), str(file))
    begins: dict[str, int] = {}
    for info, at in _members(file, stream):
        wanted = manifest.members.get(info.name)
        if at == begin:
            continue
        if wanted is None or info.name in begins or info.size != wanted.size:
            raise DataError(f"{file}: {info.name!r:.80} is not as its manifest says; {CURE}")
        begins[info.name] = at
    if gone := sorted(manifest.members.keys() - begins.keys()):
        raise DataError(f"{file}: {gone[0]} is missing, it is cut short; take another backup")
    return Archive(file, manifest, stream, begins)


def _members(file: Path, stream: IO[bytes]) -> Iterator[tuple[tarfile.TarInfo, int]]:
    """Each regular file, and where its content begins; anything else is refused."""
    end, at = file.stat().st_size, 0
    while at < end:
        stream.seek(at)
        try:
            info = tarfile.TarInfo.frombuf(stream.read(tarfile.BLOCKSIZE), "utf-8", "strict")
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            return
        except (tarfile.TarError, ValueError):
            raise DataError(f"{file}: is no tar file, or damaged at byte {at}; {CURE}") from None
        at += tarfile.BLOCKSIZE
        if info.type != tarfile.REGTYPE or not 0 <= info.size <= end - at:
            raise DataError(f"{file}: {info.name!r:.80} is no file that is all there; {CURE}")
        yield info, at
        at += -(-info.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
