"""Groups of copies: components, whatever the order; the first seen is the origin."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from silkwire.syndication.groups import Member, find_origins

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def member(
    key: int,
    minute: int = 0,
    url: str | None = None,
    origin: int | None = None,
    public: int | None = None,
) -> Member:
    """`minute`: when it was seen; `public`: when it was public, if that was earlier."""
    seen_at = NOON + timedelta(minutes=minute)
    public_at = seen_at if public is None else NOON + timedelta(minutes=public)
    return Member(key, public_at, seen_at, url, bytes([key]), origin)


def test_the_first_seen_is_the_origin_of_all() -> None:
    members = [member(1, minute=3), member(2, minute=1), member(3, minute=2), member(4)]
    assert find_origins(members, [(1, 2), (1, 3)]) == {1: 2, 2: 2, 3: 2, 4: 4}


def test_the_first_public_is_the_origin_even_if_it_was_seen_later() -> None:
    members = [member(1, minute=1), member(2, minute=9, public=0)]
    assert find_origins(members, [(1, 2)]) == {1: 2, 2: 2}


def test_of_two_public_at_once_it_is_the_one_seen_first() -> None:
    members = [member(1, minute=9, url="a", public=0), member(2, minute=1, url="b", public=0)]
    assert find_origins(members, [(1, 2)]) == {1: 2, 2: 2}


def test_of_two_seen_at_once_it_is_the_smaller_url() -> None:
    assert find_origins([member(1, url="b"), member(2, url="a")], [(1, 2)]) == {1: 2, 2: 2}


def test_groups_of_earlier_batches_are_joined() -> None:
    members = [member(1), member(2, 1, origin=1), member(3, 2), member(4, 3, origin=3)]
    assert find_origins(members, [(2, 4)]) == {1: 1, 2: 1, 3: 1, 4: 1}


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15),
    st.permutations(range(10)),
    st.integers(0, 15),
    st.randoms(),
)
def test_order_keys_and_batches_do_not_matter(pairs, keys, cut, chance) -> None:
    """Members are named by their place in time; `keys` are what another load would give them."""
    expected = find_origins([member(n, minute=n) for n in range(10)], pairs)
    renamed = [(keys[a], keys[b]) for a, b in pairs]
    chance.shuffle(renamed)
    members = [member(keys[n], minute=n) for n in range(10)]
    first = find_origins(members, renamed[:cut])
    known = [
        Member(m.article_key, m.public_at, m.first_seen_at, None, m.identity_hash,
               first[m.article_key] if first[m.article_key] != m.article_key else None)
        for m in members
    ]  # fmt: skip
    second = find_origins(known, renamed[cut:])
    assert {keys[n]: keys[origin] for n, origin in expected.items()} == second
