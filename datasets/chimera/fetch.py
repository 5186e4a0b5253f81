"""What the CHIMERA bucket holds, and where it goes: the official layout, without its ``v2/``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote
from xml.etree import ElementTree

import requests

from benchmarks.errors import UsageError

from ..download.files import RemoteFile
from ..download.resume import CONNECT_SECONDS, READ_SECONDS, Host

BUCKET = "https://chimera-challenge.s3.amazonaws.com"
VERSION = "v2"
TASKS = (1, 2, 3)

# Patient 3B_417 stands in the bucket twice.
DUPLICATE = "3B_417_"

PARTS = {
    "clinical": "clinical JSON and tables",
    "rna": "expression JSON (task 3)",
    "features": "UNI patch features with coordinates",
    "radiology": "MRI volumes and prostate masks, with features (task 1)",
    "slides": "whole-slide images and tissue masks",
}
NAMESPACE = {"s3": "http://s3.amazonaws.com/doc/2006-03-01/"}


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of the bucket: key, bytes, and entity tag (its MD5 if it was not stored in several pieces)."""

    key: str
    size: int
    tag: str

    @property
    def checksum(self) -> str:
        """Return ``md5:...``, or "" for an object whose tag is no checksum of its content."""
        return f"md5:{self.tag}" if len(self.tag) == 32 and "-" not in self.tag else ""


def chimera_files(
    root: Path, task: int, parts: Sequence[str], *, bucket: str, host: Host
) -> tuple[list[RemoteFile], list[str]]:
    """List the files of some parts of a task.

    Parameters
    ----------
    root : Path
        The data root; files go below ``chimera/task<N>/``.
    task : {1, 2, 3}
        Task of the challenge.
    parts : sequence of str
        Of ``PARTS``.
    bucket : str
        Address of the bucket or of a mirror that answers ListObjectsV2.
    host : Host
        How it is asked.

    Returns
    -------
    tuple of list of RemoteFile and list of str
        What is wanted, and keys that belong to no known part.

    Raises
    ------
    UsageError
        If task or part is unknown, the bucket cannot be listed, or it holds nothing of these parts.
    """
    if task not in TASKS:
        raise UsageError(f"--task {task}: CHIMERA has the tasks 1, 2 and 3")
    for name in parts:
        if name not in PARTS:
            raise UsageError(f"--parts {name}: there are {', '.join(PARTS)}")
    prefix = f"{VERSION}/task{task}/"
    files, unknown = [], []
    for stored in list_bucket(bucket, prefix, host):
        path = PurePosixPath(stored.key.removeprefix(prefix))
        if stored.key.endswith("/") or DUPLICATE in path.parts:
            continue
        if not stored.key.startswith(prefix) or path.is_absolute() or ".." in path.parts:
            raise UsageError(f"{bucket}: it lists a key outside {prefix}: {stored.key!r}")
        part = part_of(path)
        if part is None:
            unknown.append(stored.key)
        elif part in parts:
            target = root / "chimera" / f"task{task}" / path
            files.append(RemoteFile(f"{bucket}/{quote(stored.key)}", target, stored.size, stored.checksum))
    if not files:
        raise UsageError(f"{bucket}: nothing of {', '.join(parts)} below {prefix}")
    return files, unknown


def part_of(path: PurePosixPath) -> str | None:
    """Return the part that a path below a task's folder belongs to, None if to no known one."""
    if path.parts[0] == "radiology":
        return "radiology"
    if "features" in path.parts:
        return "features"
    if path.suffix == ".tif":
        return "slides"
    if path.name.endswith("_RNA.json"):
        return "rna"
    return "clinical" if path.suffix in (".json", ".csv") else None


def list_bucket(bucket: str, prefix: str, host: Host) -> Iterator[StoredObject]:
    """Yield the objects of a bucket below a prefix, page by page (ListObjectsV2, anonymous).

    Raises
    ------
    UsageError
        If the bucket cannot be reached, refuses, or answers something else than a listing.
    """
    query = {"list-type": "2", "prefix": prefix}
    with host.session() as session:
        while True:
            page = _page(session, bucket, query)
            for entry in page.findall("s3:Contents", NAMESPACE):
                yield StoredObject(
                    _text(entry, "s3:Key", bucket),
                    int(_text(entry, "s3:Size", bucket)),
                    _text(entry, "s3:ETag", bucket),
                )
            if page.findtext("s3:IsTruncated", "false", NAMESPACE) != "true":
                return
            query["continuation-token"] = _text(page, "s3:NextContinuationToken", bucket)


def _page(session: requests.Session, bucket: str, query: dict[str, str]) -> ElementTree.Element:
    try:
        response = session.get(f"{bucket}/", params=query, timeout=(CONNECT_SECONDS, READ_SECONDS))
    except requests.RequestException as error:
        raise UsageError(f"{bucket}: cannot be reached: {' '.join(str(error).split())[:160]}") from None
    if not response.ok:
        raise UsageError(f"{bucket}: the host answers {response.status_code} {response.reason} to a listing")
    try:
        page = ElementTree.fromstring(response.content)  # noqa: S314  # 2026-11-22: expat bounds entities, reads no others
    except ElementTree.ParseError as error:
        raise UsageError(f"{bucket}: its answer is no listing: {error}") from None
    if page.tag != f"{{{NAMESPACE['s3']}}}ListBucketResult":
        raise UsageError(f"{bucket}: its answer is no listing but {page.tag[:80]!r}")
    return page


def _text(element: ElementTree.Element, tag: str, bucket: str) -> str:
    text = element.findtext(tag, None, NAMESPACE)
    if not text:
        raise UsageError(f"{bucket}: its listing lacks {tag.removeprefix('s3:')}")
    return text.strip('"')
