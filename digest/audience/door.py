"""How many sign-ups get in, whoever they are about (security S1, S2): shares of networks, and of all together.

    a network has a share; whoever has used it up is told so, for that says nothing about any address
    all networks share so many mails an hour: beyond them a mail waits for its turn, and nobody can tell
    while the next one would have to wait for longer than LONGEST_WAIT, nobody gets in, and everybody is told so
    an inbox that is named over and over is not looked at any more, known or not, and nobody can tell

Whoever solved a puzzle (proof of work) has a larger share. A share of all is taken by a mail and not by a request, so that
ten thousand sign-ups of one address, which get one mail, leave the others theirs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.errors import DigestError
from digest.store import Transaction
from digest.store.door import Rate

LONGEST_WAIT = timedelta(hours=1)
PER_HOUR = 6_000  # confirmation mails, unless the settings say otherwise
A_NETWORK = Rate(burst=30, seconds=60)
A_NETWORK_WITHOUT_PROOF = Rate(burst=5, seconds=600)
A_INBOX = Rate(burst=20, seconds=3600)
WIDE = 8  # so many times as much for a wide network: the /48 in which a customer may have 65,536 of /64
WITHOUT_PROOF = 10  # for the tenth part of all mails no puzzle was solved


class TooMany(DigestError):
    """More sign-ups than one network, or all of them, may send."""


class UsedProof(DigestError):
    """A solution that was handed in before."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That a puzzle was solved: a name of it, and until when it would be taken."""

    key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of who asks; as it stands, nothing, and they have the share of those without proof."""

    network: str = ""  # keyed hash of /24 or /64; "" for one that speaks for many, such as a proxy of ours
    wide_network: str = ""  # of /48
    proof: Proof | None = None
    per_hour: int = PER_HOUR


def is_worn_out(tx: Transaction, inbox: str, now: datetime) -> bool:
    """Whether an inbox (its hash) was named so often that another time is not worth a write. Changes nothing."""
    return tx.door.wait(_of_inbox(inbox), A_INBOX, now) > timedelta()


def named(tx: Transaction, inbox: str, now: datetime) -> bool:
    """An inbox is named once more. False when that was too often."""
    return tx.door.take(_of_inbox(inbox), A_INBOX, now)


def let_in(tx: Transaction, visit: Visit, now: datetime) -> None:
    """First thing in the transaction, before any address is looked at. Raises TooMany or UsedProof, and then nothing is taken."""
    kind, rate = ("proof", A_NETWORK) if visit.proof else ("bare", A_NETWORK_WITHOUT_PROOF)
    if visit.proof and not tx.door.spend(visit.proof.key, visit.proof.expires_at):
        raise UsedProof
    for network, share in ((visit.network, rate), (visit.wide_network, rate.times(WIDE))):
        if network and not tx.door.take(f"{kind}:{network}", share, now):
            raise TooMany
    if tx.door.wait(f"{kind}:all", of_all(visit), now) > LONGEST_WAIT:
        raise TooMany


def next_turn(tx: Transaction, visit: Visit, now: datetime) -> datetime:
    """When a mail may go that this visit leads to. Last thing in the transaction: all others wait for this row."""
    return tx.door.reserve(f"{'proof' if visit.proof else 'bare'}:all", of_all(visit), now)


def of_all(visit: Visit) -> Rate:
    """In no hour more than so many: half of them at once, the other half one by one."""
    most = visit.per_hour if visit.proof else max(1, visit.per_hour // WITHOUT_PROOF)
    half = max(1, most // 2)
    return Rate(burst=half, seconds=3600 / half)


def _of_inbox(inbox: str) -> str:
    return f"inbox:{inbox}"
