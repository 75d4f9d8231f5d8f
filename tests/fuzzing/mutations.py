"""JSON changed in one place and still JSON, so that fuzzing gets past the JSON reader."""

import json
import random
from typing import Any

ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**19, -(10**30), 1e-9, "", " ", "0", "\x00", "\ud83d", "\u202ex", "x" * 300, [],
    "2025-02-30", "2025-01-01", "2025-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00",
    "4111 1111 1111 1111", "EUR", "XXX", "gold", "1e400", "NaN",
]  # fmt: skip


def changed(data: bytes, seed: int) -> bytes | None:
    """None if it is not JSON to begin with."""
    try:
        value = json.loads(data)
    except ValueError:
        return None
    choice = random.Random(seed)
    places = list(_places(value))
    if not places:
        return None
    holder, key = choice.choice(places)
    match choice.randrange(4):
        case 0:
            holder[key] = choice.choice(ODD)
        case 1:
            del holder[key]
        case 2:
            other, name = choice.choice(places)
            holder[key] = json.loads(json.dumps(other[name]))
        case 3 if isinstance(holder, list):
            holder.insert(key, json.loads(json.dumps(holder[key])))
        case _:
            holder[key] = _near(holder[key], choice)
    return json.dumps(value).encode()


def _places(value: Any) -> "list[tuple[Any, Any]]":
    names = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [(value, name) for name in names] + [place for name in names for place in _places(value[name])]


def _near(value: Any, choice: random.Random) -> Any:
    if isinstance(value, str):
        at = choice.randrange(len(value) + 1)
        return (
            value[:at]
            + choice.choice(["", "0", " ", "é", "-", "٣", '"', "\n", "\u200b"])
            + value[at + choice.randrange(2) :]
        )
    if isinstance(value, int | float):
        return value + choice.choice([1, -1, 0.1, 10**9])
    return [value]
