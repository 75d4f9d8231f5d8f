"""The bucket of exports: files with what belongs to them, the parts of those in the making, and links to the ready."""

import base64
import gzip
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from customer360.aws import s3
from customer360.exact_json import dumps, loads
from customer360.exports.naming import DIGEST_BYTES, media_type, part_key, saved_as
from customer360.settings import export_bucket

# What one call deletes at most.
DELETED_AT_ONCE = 1000


class Stored(NamedTuple):
    """The bytes of a file, and their SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


def store(path: Path, key: str) -> Stored:
    """Uploads a file. S3 compares the SHA-256, and refuses what did not arrive as it was."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        size = file.tell()
        file.seek(0)
        s3().put_object(
            Bucket=export_bucket(),
            Key=key,
            Body=file,
            ContentType=media_type(key),
            ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
        )
    return Stored(size, digest.hexdigest())


def store_bytes(content: bytes, key: str) -> None:
    s3().put_object(Bucket=export_bucket(), Key=key, Body=content)


def has_digest(key: str, digest: bytes) -> bool:
    """Whether a digest is among those stored one after the other; not where they have expired already."""
    try:
        body = s3().get_object(Bucket=export_bucket(), Key=key)["Body"]
    except s3().exceptions.NoSuchKey:
        return False
    rest = b""
    with closing(body):
        for chunk in body.iter_chunks(1 << 20):
            rest += chunk
            whole = len(rest) - len(rest) % DIGEST_BYTES
            if any(rest[at : at + DIGEST_BYTES] == digest for at in range(0, whole, DIGEST_BYTES)):
                return True
            rest = rest[whole:]
    return False


def store_part(export_id: str, number: int, rows: Iterable[dict[str, Any]]) -> None:
    lines = "".join(f"{dumps(row)}\n" for row in rows)
    store_bytes(gzip.compress(lines.encode(errors="replace"), compresslevel=1), part_key(export_id, number))


def rows_of_parts(export_id: str, count: int) -> Iterator[dict[str, Any]]:
    """What was stored, in order; one part at a time is in memory."""
    for number in range(count):
        body = s3().get_object(Bucket=export_bucket(), Key=part_key(export_id, number))["Body"]
        for line in gzip.decompress(body.read()).split(b"\n")[:-1]:
            yield loads(line)


def link(key: str, seconds: int) -> str:
    """Where whoever has the link can have the file for so long. It is saved under a name that tells nothing."""
    return s3().generate_presigned_url(
        "get_object",
        Params={
            "Bucket": export_bucket(),
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{saved_as(key)}"',
        },
        ExpiresIn=seconds,
    )


def remove(prefix: str) -> int:
    """Deletes all there is under a prefix, and gives how many objects that were."""
    pages = s3().get_paginator("list_objects_v2").paginate(Bucket=export_bucket(), Prefix=prefix)
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
    for start in range(0, len(keys), DELETED_AT_ONCE):
        batch = keys[start : start + DELETED_AT_ONCE]
        answer = s3().delete_objects(
            Bucket=export_bucket(), Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
        )
        if answer.get("Errors"):
            raise RuntimeError(f"{len(answer['Errors'])} objects were not deleted")
    return len(keys)
