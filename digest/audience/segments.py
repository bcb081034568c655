"""Segments: made, counted, removed, and aimed with."""

from collections.abc import Sequence
from datetime import datetime

from digest.audience.search import split_condition
from digest.model.operator import ActKind
from digest.model.segment import Match, Segment, read_segment
from digest.store import Store


def add_segment(
    store: Store, name: str, conditions: Sequence[str], *, match: str = Match.ALL, now: datetime
) -> Segment:
    """`conditions` as `language is de`. Raises BadInput, and NotFound for a list that there is not."""
    return keep_segment(store, read_segment(name, [split_condition(each) for each in conditions], match), now=now)


def keep_segment(store: Store, new: Segment, *, now: datetime) -> Segment:
    with store.write() as tx:
        tx.segments.check(new)
        kept = tx.segments.add(new, now)
        tx.acts.note(ActKind.SEGMENT_CHANGED, now, f"segment {kept.id}", added=kept.name, says=str(kept))
        return kept


def remove_segment(store: Store, segment_id: int, *, now: datetime) -> Segment:
    """Issues that were sent by it stay as they are."""
    with store.write() as tx:
        gone = tx.segments.get(segment_id)
        tx.segments.remove(segment_id)
        tx.acts.note(ActKind.SEGMENT_CHANGED, now, f"segment {segment_id}", removed=gone.name)
        return gone


def count_segment(store: Store, segment: Segment, *, now: datetime) -> dict[str, int]:
    """How many confirmed readers of each list are in it."""
    with store.read() as tx:
        tx.segments.check(segment)
        counts = tx.segments.counts(segment, now)
        return {each.name: counts.get(each.id, 0) for each in tx.lists.all()}
