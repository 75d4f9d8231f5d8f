"""Lines of a file in the bucket: whole, numbered, and the same again from wherever an import goes on."""

import gzip
import io
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from hypothesis import given
from hypothesis import strategies as st

from customer360.ingestion import lines as module
from customer360.ingestion.lines import FileGone, FileReplaced, FileUnreadable, Line, SourceFile, lines

FILE = SourceFile("bucket", "events/a.jsonl", '"etag"')
SMALL = 64  # stands in for the megabyte a line may have


class FakeS3:
    """One object; answers ranges as S3 does, 416 for an empty one included."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self, content: bytes, *, failure: str | None = None) -> None:
        self.content = content
        self.failure = failure
        self.ranges: list[int] = []

    def get_object(self, **request: str) -> dict[str, Any]:
        offset = int(request.pop("Range").removeprefix("bytes=").removesuffix("-"))
        assert request == {"Bucket": FILE.bucket, "Key": FILE.key, "IfMatch": FILE.etag}
        self.ranges.append(offset)
        if code := self.failure or ("InvalidRange" if offset >= len(self.content) else None):
            raise ClientError({"Error": {"Code": code, "Message": code}}, "GetObject")
        rest = self.content[offset:]
        return {"Body": StreamingBody(io.BytesIO(rest), len(rest))}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeS3]:
    """Puts an object into the bucket."""

    def put(content: bytes, **more: Any) -> FakeS3:
        s3 = FakeS3(content, **more)
        monkeypatch.setattr(module, "s3", lambda: s3)
        return s3

    return put


Bucket = Callable[..., FakeS3]
CONTENTS = {
    "newlines": b"one\ntwo\nthree\n",
    "no newline at the end": b"one\ntwo\nthree",
    "carriage returns": b"one\r\ntwo\r\nthree\r\n",
    "empty lines": b"\n\none\n\n",
    "utf-8": "één\n語\n".encode(),
    "a line of the greatest length": b"x" * (SMALL - 1) + b"\nshort\n",
    "lines that are too long": b"a\n" + b"x" * (3 * SMALL) + b"\nb\n" + b"y" * (SMALL + 1) + b"\nc\n",
    "a line that is too long at the end": b"a\n" + b"x" * (2 * SMALL + 5),
    "one line": b"one",
}


def two_members(content: bytes) -> bytes:
    half = len(content) // 2
    return gzip.compress(content[:half]) + gzip.compress(content[half:])


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda content: content,
    "gzip": gzip.compress,
    "in two members": two_members,
}


def expected(content: bytes) -> list[Line]:
    """By splitting the whole."""
    found, end = [], 0
    for number, text in enumerate(re.findall(rb"[^\n]*\n|[^\n]+", content), 1):
        end += len(text)
        found.append(Line(number, end, None if len(text) > SMALL else text))
    return found


@pytest.fixture(autouse=True)
def small_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LINE_BYTES", SMALL)


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_every_line_comes_once_with_its_number_and_end(
    bucket: Bucket, content: bytes, pack: Callable[[bytes], bytes]
) -> None:
    bucket(pack(content))
    found = list(lines(FILE))
    assert found == expected(content)
    assert found[-1].end == len(content)


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_from_the_end_of_any_line_the_rest_is_the_same(
    bucket: Bucket, content: bytes, pack: Callable[[bytes], bytes]
) -> None:
    bucket(pack(content))
    everything = list(lines(FILE))
    for position, line in enumerate(everything):
        assert list(lines(FILE, line.end, line.number)) == everything[position + 1 :]


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")], ids=["plain", "gzip"])
def test_an_empty_file_has_no_lines(bucket: Bucket, content: bytes) -> None:
    bucket(content)
    assert list(lines(FILE)) == []


def test_only_the_rest_of_a_plain_file_is_asked_for(bucket: Bucket) -> None:
    s3 = bucket(b"one\ntwo\n")
    assert [line.text for line in lines(FILE, 4, 1)] == [b"two\n"]
    assert s3.ranges[-1] == 4


def test_a_file_is_known_by_its_content_and_not_by_its_name(bucket: Bucket) -> None:
    bucket(b"not packed\n")
    assert [line.text for line in lines(FILE)] == [b"not packed\n"]
    bucket(gzip.compress(b"packed\n"))
    assert [line.text for line in lines(FILE)] == [b"packed\n"]


@pytest.mark.parametrize("offset", [0, 4])
@pytest.mark.parametrize("cut", [3, 11, 25, -9, -1])
def test_a_gzip_that_ends_early_is_unreadable(bucket: Bucket, cut: int, offset: int) -> None:
    bucket(gzip.compress(b"one\ntwo\n" * 500)[:cut])
    with pytest.raises(FileUnreadable):
        list(lines(FILE, offset, 1 if offset else 0))


@pytest.mark.parametrize("position", [12, 20, -6, -2])
def test_a_damaged_gzip_is_unreadable(bucket: Bucket, position: int) -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 20))
    packed[position] ^= 0xFF
    bucket(bytes(packed))
    with pytest.raises(FileUnreadable):
        list(lines(FILE))


def test_the_lines_before_the_damage_are_given(bucket: Bucket) -> None:
    bucket(gzip.compress(b"one\ntwo\n" * 50_000)[:-20])
    found: list[Line] = []
    with pytest.raises(FileUnreadable):
        found.extend(lines(FILE))  # extend keeps what came before the error
    assert [line.text for line in found[:2]] == [b"one\n", b"two\n"]


@pytest.mark.parametrize(
    ("code", "error"),
    [("NoSuchKey", FileGone), ("404", FileGone), ("PreconditionFailed", FileReplaced), ("412", FileReplaced)],
)
def test_a_file_that_is_gone_is_told_from_another_one(bucket: Bucket, code: str, error: type[Exception]) -> None:
    bucket(b"one\n", failure=code)
    with pytest.raises(error):
        list(lines(FILE))


def test_other_failures_fly_so_that_they_are_tried_again(bucket: Bucket) -> None:
    bucket(b"one\n", failure="SlowDown")
    with pytest.raises(ClientError):
        list(lines(FILE))


@given(st.lists(st.binary(max_size=2 * SMALL), max_size=8), st.booleans(), st.data())
def test_any_file_is_read_the_same_from_any_line(pieces: list[bytes], packed: bool, data: st.DataObject) -> None:
    content = b"\n".join(pieces)
    packed = packed or content.startswith(b"\x1f\x8b")
    s3 = FakeS3(gzip.compress(content) if packed else content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "s3", lambda: s3)
        patch.setattr(module, "MAX_LINE_BYTES", SMALL)
        everything = list(lines(FILE))
        assert sum(line.text is not None and len(line.text) for line in everything) <= len(content)
        assert [line.number for line in everything] == list(range(1, len(everything) + 1))
        if everything:
            assert everything[-1].end == len(content)
            line = data.draw(st.sampled_from(everything))
            assert list(lines(FILE, line.end, line.number)) == everything[line.number :]
