"""What somebody types to find readers, as a search: unknown words are refused with those that there are (security S15)."""

from collections.abc import Sequence

from digest.model.errors import BadInput
from digest.model.segment import Compare, Segment, read_filter
from digest.model.subscriber import SubscriptionState
from digest.store import Transaction
from digest.store.readers import Search

MOST_TYPED = 320


def read_search(tx: Transaction, start: str, list_name: str, state: str, conditions: Sequence[str]) -> Search:
    """`conditions` as `language is de`. Raises BadInput and NotFound in words."""
    said = [split_condition(each) for each in conditions]
    return make_search(tx, start, list_name, state, read_filter(said))


def make_search(tx: Transaction, start: str, list_name: str, state: str, *asked: Segment) -> Search:
    typed = " ".join(start.split())
    if len(typed) > MOST_TYPED or not typed.isprintable():
        raise BadInput("That is too long, or not printable, for the beginning of an address or name.")
    if state and state not in set(SubscriptionState):
        raise BadInput(f"A subscription is {', '.join(SubscriptionState)}, not {state[:40]!r}.")
    for each in asked:
        tx.segments.check(each)
    return Search(
        typed,
        tx.lists.by_name(list_name).id if list_name else None,
        SubscriptionState(state) if state else None,
        asked,
    )


def split_condition(said: str) -> tuple[str, str, str]:
    """`joined not since 30 days` → joined, not since, 30 days. The longest comparison counts."""
    field, _, rest = said.strip().partition(" ")
    for compare in sorted(Compare, key=len, reverse=True):
        if rest.startswith(f"{compare} "):
            return field, compare, rest[len(compare) :].strip()
    raise BadInput(f"{said[:60]!r} is no condition; write one as `language is de` or `joined since 30 days`.")
