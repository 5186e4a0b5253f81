"""Damage to a valid file: bits turned, parts cut, doubled, replaced by what is foreign or nested too deep."""

import gzip
import io
import warnings
import zipfile
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

# What stands in files that somebody else wrote, or that were meant to do harm.
FOREIGN: Sequence[bytes] = (
    b"",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\r\n",
    b'"',
    b",",
    b";" * 50,
    b"#",
    b"nan",
    b"inf",
    b"-1e400",
    b"9" * 10_000,
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b"a." * 3_000,
    b"0" * 100_000,
    b"\x1b[2J",
    b"../../etc/hostname",
    b"/dev/zero",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"true",
    b"null",
    b"1979-05-27",
    "\u202e\u00fc\u2028".encode(),
)

Change = Callable[[bytes], bytes]


@st.composite
def damages(draw: st.DrawFn, packed: str = "") -> Change:
    """Draw one to three changes of the bytes of a file.

    Parameters
    ----------
    packed : {"", "gzip", "zip"}
        How the file is packed: the changes are then done to what is inside as often as to the file itself.
    """
    changes = draw(st.lists(_change(), min_size=1, max_size=3))

    def change(content: bytes) -> bytes:
        for one in changes:
            content = one(content)
        return content

    if packed == "gzip" and draw(st.booleans()):
        return lambda content: gzip.compress(change(gzip.decompress(content)), 1)
    if packed == "zip" and draw(st.booleans()):
        member = draw(st.integers(0, 9))
        return lambda content: _in_member(content, member, change)
    return change


@st.composite
def _change(draw: st.DrawFn) -> Change:
    # Headers stand at the beginning, and directories at the end.
    near = draw(st.sampled_from(["anywhere", "beginning", "end"]))
    share, length = draw(st.floats(0, 1)), draw(st.integers(0, 64))
    kind = draw(st.sampled_from(["flip", "cut", "take out", "double", "replace", "insert"]))
    bit, foreign = draw(st.integers(0, 7)), draw(st.sampled_from(FOREIGN))

    def change(content: bytes) -> bytes:
        size = len(content)
        window = min(size, 512)
        place = int(share * (size if near == "anywhere" else window))
        place = min(size - window + place if near == "end" else place, max(0, size - 1))
        stop = min(size, place + length)
        match kind:
            case "flip":
                turned = bytes(byte ^ (1 << bit) for byte in content[place : place + 1])
                return content[:place] + turned + content[place + 1 :]
            case "cut":
                return content[:place]
            case "take out":
                return content[:place] + content[stop:]
            case "double":
                return content[:stop] + content[place:]
            case "replace":
                return content[:place] + foreign + content[stop:]
        return content[:place] + foreign + content[place:]

    return change


def _in_member(content: bytes, member: int, change: Change) -> bytes:
    """Change a member of a zip archive, whose checksum is that of the changed bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info.filename, archive.read(info), info.compress_type) for info in archive.infolist()]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for place, (name, inside, packed) in enumerate(members):
            archive.writestr(name, change(inside) if place == member % len(members) else inside, packed)
    return held.getvalue()
