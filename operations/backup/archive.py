"""The file of a backup: a tar with the database, the uploads, a manifest, and the manifest's checksum at its end.

    database            what `pg_dump` wrote, or an SQLite database
    uploads/...         files that people brought
    manifest.json       what is in it: version, migrations, rows and sums by table, SHA-256 of each file above
    manifest.sha256     of the manifest: it comes last, so that a file that is cut off lacks it

Pure: no Django, no clock.
"""

import hashlib
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

FORMAT = 1
DATABASE = "database"
UPLOADS = "uploads/"
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"

# By table: the number of rows under "rows", then the sum of each column of minutes or money.
Contents = Mapping[str, Mapping[str, int]]


class Damaged(Exception):
    """The file is no backup, or not all of one; the text is a sentence."""

    quotes_nobody = True


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, said at the moment it was taken. `taken_at` is ISO 8601 in UTC."""

    taken_at: str
    version: str
    vendor: str
    migrations: list[str]
    contents: Contents
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        try:
            manifest: dict[str, Any] = json.loads(text)
            if manifest.get("format") != FORMAT:
                raise Damaged("This backup was written by another version of Retour, in a form this one cannot read.")
            return cls(**manifest)
        except (ValueError, TypeError, AttributeError) as error:
            raise Damaged("The manifest of this backup cannot be read.") from error


# -- writing ----------------------------------------------------------------------------------------------------------


def write(path: Path, *, database: Path, uploads: Iterable[tuple[str, Path]], manifest: Manifest) -> Manifest:
    """Write a backup to `path`, readable by its owner alone, and return the manifest with what was packed.

    `uploads` are pairs of a name below the folder of uploads and the file. One that is gone by now is left out:
    whoever took it away meanwhile meant to.
    """
    path.touch(mode=0o600)
    packed: dict[str, str] = {}
    with tarfile.open(path, "w") as tar:
        with database.open("rb") as source:
            packed[DATABASE] = _add(tar, DATABASE, source)
        for name, file in uploads:
            try:
                source = file.open("rb")
            except FileNotFoundError:
                continue
            with source:
                packed[UPLOADS + name] = _add_as_it_is_now(tar, UPLOADS + name, source, beside=path)
        complete = Manifest(**{**asdict(manifest), "files": packed})
        text = complete.as_json()
        _add(tar, MANIFEST, io.BytesIO(text))
        _add(tar, SEAL, io.BytesIO(hashlib.sha256(text).hexdigest().encode()))
    return complete


def _add_as_it_is_now(tar: tarfile.TarFile, name: str, source: IO[bytes], *, beside: Path) -> str:
    """Add a copy: the file itself may grow while it is read, and a tar states the size first."""
    with tempfile.TemporaryFile(dir=beside.parent) as copy:  # /tmp may be memory, which has a limit
        shutil.copyfileobj(source, copy)
        copy.seek(0)
        return _add(tar, name, copy)


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes]) -> str:
    """Add a stream as a member and return its SHA-256."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = source.seek(0, io.SEEK_END), 0o600
    source.seek(0)
    digest = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]
    source.seek(0)
    tar.addfile(info, source)
    return digest


# -- reading ----------------------------------------------------------------------------------------------------------


class Archive:
    """A backup whose every byte has been checked."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self.tar, self.manifest = tar, manifest

    def extract(self, name: str, to: Path) -> None:
        """Write one member to a file that only its owner can read."""
        to.touch(mode=0o600)
        with _member(self.tar, name) as source, to.open("wb") as target:
            shutil.copyfileobj(source, target)

    def uploads(self) -> list[str]:
        """Names below the folder of uploads."""
        return sorted(name.removeprefix(UPLOADS) for name in self.manifest.files if name.startswith(UPLOADS))


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a backup and check all of it; `Damaged` says what is wrong."""
    try:
        tar = tarfile.open(path, "r:")  # noqa: SIM115  (closed below)
    except (OSError, tarfile.TarError) as error:
        raise Damaged(f"{path} is not a backup of Retour: {error}.") from error
    with tar:
        try:
            manifest = _read_manifest(tar)
            _check(tar, manifest)
            _check_length(tar, path.stat().st_size)
        except (OSError, EOFError, tarfile.TarError) as error:
            raise Damaged(f"{path} is cut off or damaged: {error}.") from error
        yield Archive(tar, manifest)


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    if SEAL not in tar.getnames():
        raise Damaged(f"{_name(tar)} is no complete backup of Retour: its last part is missing.")
    with _member(tar, MANIFEST) as source:
        text = source.read()
    with _member(tar, SEAL) as source:
        if hashlib.sha256(text).hexdigest().encode() != source.read():
            raise Damaged(f"{_name(tar)} is damaged: its manifest was changed.")
    return Manifest.from_json(text)


def _check(tar: tarfile.TarFile, manifest: Manifest) -> None:
    names = set(tar.getnames()) - {MANIFEST, SEAL}
    if names != set(manifest.files):
        raise Damaged(f"{_name(tar)} is damaged: it does not hold the files that its manifest names.")
    for name, digest in manifest.files.items():
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise Damaged(f"{_name(tar)} names a file outside of its folder: {name}.")
        with _member(tar, name) as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                raise Damaged(f"{_name(tar)} is damaged: {name} is not as it was written.")


def _check_length(tar: tarfile.TarFile, size: int) -> None:
    """Refuse a file that lost or gained bytes behind its last member, where a tar has zeros up to a full record."""
    last = tar.getmembers()[-1]
    end = last.offset_data + last.size
    expected = _rounded(_rounded(end, tarfile.BLOCKSIZE) + 2 * tarfile.BLOCKSIZE, tarfile.RECORDSIZE)
    if size != expected:
        what = "bytes are missing" if size < expected else "bytes were added"
        raise Damaged(f"{_name(tar)} is damaged: {what}; it was written with {expected} and has {size}.")
    assert tar.fileobj
    tar.fileobj.seek(end)
    if last.name != SEAL or tar.fileobj.read(expected - end).strip(b"\0"):
        raise Damaged(f"{_name(tar)} is damaged: something was written behind its end.")


def _rounded(number: int, to: int) -> int:
    return -(-number // to) * to


def _name(tar: tarfile.TarFile) -> str:
    return str(tar.name)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        source = tar.extractfile(name)
    except KeyError as error:
        raise Damaged(f"{_name(tar)} lacks {name}.") from error
    if source is None:
        raise Damaged(f"{_name(tar)} holds {name} as something other than a file.")
    return source
