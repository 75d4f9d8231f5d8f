"""What live messages say: covers every version, names every section, and tells ids to who may know them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from customer360.access.policy import ROLES
from customer360.realtime.messages import SECTIONS, Step, changed, may_read

AT = datetime(2026, 1, 1, 12, 30, 5, 999_999, tzinfo=UTC)
IDS = st.lists(st.sampled_from([f"i{number}" for number in range(70)]), max_size=60, unique=True)
COMMITS = st.lists(st.dictionaries(st.sampled_from(SECTIONS), IDS, max_size=4), min_size=1, max_size=5)


def steps_of(commits: list[dict[str, list[str]]], first: int = 7) -> list[Step]:
    return [Step(first + n, first + n + 1, AT + timedelta(seconds=n), touched) for n, touched in enumerate(commits)]


@given(COMMITS, st.sampled_from(sorted(ROLES)))
def test_one_message_covers_all_commits_and_each_role_gets_the_ids_it_may(
    commits: list[dict[str, list[str]]], role: str
) -> None:
    told = changed("c1", steps_of(commits), role)
    assert (told["type"], told["channel"], told["from"]) == ("changed", "customers/c1", 7)
    assert told["version"] == 7 + len(commits)
    assert set(told["sections"]) == {section for touched in commits for section in touched}
    assert all(SECTIONS.index(one) < SECTIONS.index(next_one) for one, next_one in pairwise(told["sections"]))
    for section in SECTIONS:
        named = [touched[section] for touched in commits if section in touched]
        every = {identifier for ids in named for identifier in ids}
        is_told = may_read(role, section) and all(named) and 1 <= len(every) <= 50
        assert set(told["ids"].get(section, ())) == (every if is_told else set())


def test_messages_carry_nothing_but_names_numbers_and_ids() -> None:
    told = changed("c1", steps_of([{"orders": ["o1"], "notes": []}, {}]), "admin")
    assert told == {
        "type": "changed",
        "channel": "customers/c1",
        "sections": ["orders", "notes"],
        "from": 7,
        "version": 9,
        "at": "2026-01-01T12:30:06Z",
        "ids": {"orders": ["o1"]},
    }


def test_who_may_read_which_section() -> None:
    hidden = {role: [section for section in SECTIONS if not may_read(role, section)] for role in [*ROLES, "nobody"]}
    nothing: list[str] = []
    assert hidden == {
        "viewer": ["marketing", "payments", "notes"],
        "support": nothing,
        "manager": nothing,
        "admin": nothing,
        "nobody": list(SECTIONS),
    }
