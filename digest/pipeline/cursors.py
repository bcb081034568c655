"""Moving readers' cursors: the last campaign whose message reached them. A transaction a batch; safe twice, killed at any line.

It is done when a campaign is over, and before the next issue is published; not while one is sent: a sender has no time for it.
"""

from digest.store import Store

BATCH = 20_000  # messages


def move_cursors(store: Store, list_id: int) -> int:
    """Of all readers of a list; returns how many moved."""
    with store.read() as tx:
        behind = tx.campaigns.with_cursors_behind(list_id)
    return sum(_follow(store, campaign.id, list_id) for campaign in behind)


def move_after_the_end(store: Store) -> int:
    """Of the readers of all campaigns that are over; returns how many moved."""
    with store.read() as tx:
        over = tx.campaigns.over_with_cursors_behind()
    return sum(_follow(store, campaign_id, list_id) for campaign_id, list_id in over)


def _follow(store: Store, campaign_id: int, list_id: int) -> int:
    with store.read() as tx:
        first, last = tx.campaigns.messages_of(campaign_id)
        over = tx.campaigns.get(campaign_id).finished_at is not None
    moved = 0
    for start in range(first, last + 1, BATCH):
        with store.write() as tx:
            moved += tx.audiences.advance(campaign_id, list_id, start, min(last, start + BATCH - 1))
    if over:  # before we looked: no message of it changes any more
        with store.write() as tx:
            tx.campaigns.cursors_moved(campaign_id, last or 1)
    return moved
