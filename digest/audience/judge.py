"""What becomes of each person whom an operator brings: one rule for files, for one person, and for dry runs. Pure.

Nobody who left, was suppressed or asked to be forgotten is brought back: only they themselves can do that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from digest.model.address import Address
from digest.model.choices import Choices
from digest.model.imports import Standing
from digest.model.subscriber import Consent, SubscriptionState, SuppressionReason

NOTHING_CHOSEN = Choices()


class Enrolled(StrEnum):
    """What became of one person."""

    ADDED = "added"  # confirmed, with the operator's word for their consent
    PENDING = "pending"  # not confirmed; a mail that asks them is in the outbox
    OPTED_OUT = "opted_out"  # came as unsubscribed or suppressed, and is kept so that nobody brings them back
    ALREADY = "already"  # on the list before: nothing changed
    LEFT_ALONE = "left_alone"  # left the list or is suppressed: nothing changed


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be enrolled, checked. CONFIRMED needs consent that the operator can show."""

    address: Address
    state: SubscriptionState
    consent: Consent
    name: str = ""
    language: str = ""
    confirmed_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    suppressed: SuppressionReason | None = None
    suppressed_at: datetime | None = None
    joined_at: datetime | None = None
    note: str = ""
    choices: Choices = NOTHING_CHOSEN
    paused_until: date | None = None

    @property
    def says_no(self) -> bool:
        lasting = self.suppressed is not None and self.suppressed is not SuppressionReason.ERASED
        return lasting or self.state is SubscriptionState.UNSUBSCRIBED


@dataclass(frozen=True, slots=True)
class Judged:
    """`why` is the rest of a sentence that begins with "Line 7", for who is left alone."""

    outcome: Enrolled
    why: str = ""


@dataclass(slots=True)
class Verdict:
    """What a batch of people comes to. All is by the hash of the address."""

    judged: list[Judged] = field(default_factory=list)  # one for each, in their order
    new: dict[str, Person] = field(default_factory=dict)  # whose subscription is to be made
    moved: dict[str, Person] = field(default_factory=dict)  # whose subscription, which is there, changes its state
    suppressed: dict[str, Person] = field(default_factory=dict)
    after: dict[str, Standing] = field(default_factory=dict)  # how those stand who do so otherwise now


_WHY_SUPPRESSED = {
    SuppressionReason.ERASED: "asked to be forgotten; only they themselves can come back",
    SuppressionReason.BOUNCED: "must not be mailed: the address does not exist",
    SuppressionReason.COMPLAINT: "must not be mailed: they pressed “spam”",
    SuppressionReason.OPERATOR: "must not be mailed: an operator said so",
    SuppressionReason.UNSUBSCRIBED: "must not be mailed: they left by themselves",
}
_ALREADY = Judged(Enrolled.ALREADY)
_OPTED_OUT = Judged(Enrolled.OPTED_OUT)
_ADDED = Judged(Enrolled.ADDED)
_PENDING = Judged(Enrolled.PENDING)
_LEFT = Judged(Enrolled.LEFT_ALONE, "left this list; only they themselves can come back")


def decide(person: Person, standing: Standing) -> Judged:
    """One row, beside what is known of its address."""
    if standing.suppressed is SuppressionReason.ERASED or (standing.suppressed and not person.says_no):
        return Judged(Enrolled.LEFT_ALONE, _WHY_SUPPRESSED[standing.suppressed])
    if standing.state is None:
        if person.says_no:
            return _OPTED_OUT
        return _ADDED if person.state is SubscriptionState.CONFIRMED else _PENDING
    if person.says_no:
        news = person.suppressed is not None and standing.suppressed is None
        leaves = person.state is SubscriptionState.UNSUBSCRIBED is not standing.state
        return _OPTED_OUT if news or leaves else _ALREADY
    if standing.state is SubscriptionState.UNSUBSCRIBED:
        return _LEFT
    # Who left once and asked to come back is pending too, and must confirm by themselves.
    proved = person.state is SubscriptionState.CONFIRMED and not standing.came_back
    return _ADDED if proved and standing.state is SubscriptionState.PENDING else _ALREADY


def judge(people: Sequence[tuple[str, Person]], standing: Mapping[str, Standing]) -> Verdict:
    """One after the other, so that it does not matter where a file was cut into batches. People come with their hashes."""
    verdict = Verdict()
    for hashed, person in people:
        before = verdict.after.get(hashed) or standing.get(hashed) or _UNKNOWN
        judged = decide(person, before)
        verdict.judged.append(judged)
        if judged.outcome in _CHANGES:
            _take(verdict, hashed, person, before)
    return verdict


_UNKNOWN = Standing()
_CHANGES = frozenset({Enrolled.ADDED, Enrolled.PENDING, Enrolled.OPTED_OUT})


def _take(verdict: Verdict, hashed: str, person: Person, before: Standing) -> None:
    if person.suppressed is not None and before.suppressed is None:
        verdict.suppressed[hashed] = person
    state = person.state
    if before.state is None:
        verdict.new[hashed] = person
    elif person.says_no and state is not SubscriptionState.UNSUBSCRIBED:
        state = before.state  # a suppressed address: that is all that the row says
    elif state is not before.state:
        (verdict.new if hashed in verdict.new else verdict.moved)[hashed] = person
    left = person.unsubscribed_at is not None or state is SubscriptionState.UNSUBSCRIBED
    verdict.after[hashed] = replace(
        before,
        state=state,
        came_back=before.came_back or left,
        suppressed=before.suppressed or person.suppressed,
    )
