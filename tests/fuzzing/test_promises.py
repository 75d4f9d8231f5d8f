"""The promises hold for valid inputs and for some thousands of others; `make fuzz` looks for hours where code leads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing.promises import PROMISES
from fuzzing.seeds import SEEDS


@pytest.mark.parametrize("name", PROMISES)
def test_every_parser_takes_what_is_valid(name: str) -> None:
    for seed in SEEDS[name]:
        PROMISES[name](seed)


@pytest.mark.parametrize("name", PROMISES)
@settings(max_examples=300)
@given(data=st.data())
def test_every_parser_takes_or_refuses_what_was_damaged(name: str, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(SEEDS[name]))
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 12)))
    PROMISES[name](seed[:start] + data.draw(st.binary(max_size=12)) + seed[end:])


@pytest.mark.parametrize("name", PROMISES)
@settings(max_examples=300)
@given(text=st.text(max_size=200))
def test_every_parser_takes_or_refuses_any_text(name: str, text: str) -> None:
    PROMISES[name](text.encode(errors="surrogatepass"))
