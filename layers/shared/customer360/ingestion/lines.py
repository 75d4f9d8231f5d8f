"""Lines of a file in a bucket: plain or gzip, streamed, of any size, from any offset at the start of a line."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, cast

from customer360.aws import s3

# Longer than any event may be, with room for what a CSV quotes; the rest of such a line is skipped unread.
MAX_LINE_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


class FileGone(Exception):
    """The object was deleted before it was imported."""


class FileReplaced(Exception):
    """The object is another one than when its import began."""


class FileUnreadable(Exception):
    """The object is not the gzip it looks like, or ends in the middle of it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One version of one object of the import bucket."""

    bucket: str
    key: str
    etag: str


@dataclass(frozen=True, slots=True)
class Line:
    """`number` counts from 1; `end` is the offset after the line; `text` is None if it is longer than 1 MB."""

    number: int
    end: int
    text: bytes | None


def lines(file: SourceFile, offset: int = 0, number: int = 0) -> Iterator[Line]:
    """The lines after an offset (in unpacked bytes) that ends line `number`.

    Raises FileReplaced, FileGone and FileUnreadable. A gzip cannot be entered in the middle: what precedes is
    unpacked again, at some 100 MB/s.
    """
    stream = _open(file, 0)
    if stream.peek(2)[:2] == _GZIP_MAGIC:
        unpacked = cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
        yield from _guarded(unpacked, offset, number)
        return
    if offset:
        stream.close()
        stream = _open(file, offset)
    yield from _lines(stream, offset, number)


def _open(file: SourceFile, offset: int) -> io.BufferedReader:
    try:
        answer = s3().get_object(Bucket=file.bucket, Key=file.key, IfMatch=file.etag, Range=f"bytes={offset}-")
    except s3().exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "InvalidRange":  # nothing follows the offset: the file is empty, or was read to its end
            return io.BufferedReader(cast("io.RawIOBase", io.BytesIO()))
        if code in {"PreconditionFailed", "412"}:
            raise FileReplaced from None
        if code in {"NoSuchKey", "404"}:
            raise FileGone from None
        raise
    return io.BufferedReader(cast("io.RawIOBase", answer["Body"]), buffer_size=256 * 1024)


def _guarded(unpacked: IO[bytes], offset: int, number: int) -> Iterator[Line]:
    try:
        unpacked.seek(offset)
        yield from _lines(unpacked, offset, number)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileUnreadable("the gzip is damaged or ends early") from error


def _lines(stream: IO[bytes], offset: int, number: int) -> Iterator[Line]:
    while text := stream.readline(MAX_LINE_BYTES):
        number += 1
        offset += len(text)
        is_whole = text.endswith(b"\n") or len(text) < MAX_LINE_BYTES
        while not text.endswith(b"\n") and (rest := stream.readline(MAX_LINE_BYTES)):
            offset += len(rest)
            text, is_whole = rest, False
        yield Line(number, offset, text if is_whole else None)
