"""Append-only facts. What happened is never edited, only added to."""

from enum import StrEnum


class EventKind(StrEnum):
    """What happened. Each is written in the same transaction as the change it tells of."""

    SIGNED_UP = "signed_up"  # a reader asked for a list
    CONFIRMED = "confirmed"  # a reader pressed the button of a confirmation page
    UNSUBSCRIBED = "unsubscribed"  # a reader left a list
    PUT_BACK = "put_back"  # an operator took back that they had unsubscribed a reader among many
    SAID_WHY = "said_why"  # a reader who left said why; an erasure empties it
    CHOSE = "chose"  # a reader chose topics, rhythm, hour, form or a pause
    FEED_RENEWED = "feed_renewed"  # a reader gave their own feed another address
    ASKED_FOR_LINK = "asked_for_link"  # somebody asked for a fresh link: to a reader's data, or to another address
    MOVED = "moved"  # a reader's subscriptions went to another address
    IMPORTED = "imported"  # an operator brought a subscriber with consent evidence
    IMPORT_UNDONE = "import_undone"  # an operator took an import back; the subscription stands as before it
    SUPPRESSED = "suppressed"  # an address was put on the suppression list
    ERASED = "erased"  # a person's data was removed; carries no address
    PUBLISHED = "published"  # an issue's audience was frozen
    SENT = "sent"  # every message of an issue has an end
    HELD = "held"  # an issue could not go out by itself; its reason tells why
    BOUNCED = "bounced"  # a message was refused for good, by the next hop or later on its way
    COMPLAINED = "complained"  # a reader told their mail provider that a message is spam
    FAILED = "failed"  # a message could not be composed or had no time left
    PAUSED = "paused"  # a campaign was paused: by an operator, or by refusals that are about us
    RESUMED = "resumed"  # an operator let a paused campaign go on
    STOPPED = "stopped"  # an operator ended a campaign
    RETRIED = "retried"  # an operator queued those again who missed an issue
    RECOVERED = "recovered"  # a sender took over after a crash; the detail counts what it found
    RESTORED = "restored"  # the database was restored from a backup, and what may have been sent since is held
