"""Step 5, absorb: a mail that came back → an event, and a suppression when its address is given up.

What such a mail says is believed only with our own proof in it: the envelope sender that one message had (`ReturnPaths`), or, for
complaints, whose forwarders leave that out, the link by which its reader can leave. And only for two weeks after that message was
taken (security: forged bounces). One transaction; safe twice and at once: of one message each kind counts once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.feedback.inbox import Inbox, Key
from digest.feedback.report import Report, read_report
from digest.links import Links, ReturnPaths
from digest.model.returned import BELIEVED_FOR, Returned, ReturnKind
from digest.model.subscriber import SuppressionReason
from digest.pipeline.failures import came_back
from digest.store import Store, Transaction
from digest.store.outbox import Whose
from digest.store.returns import Original


class Absorbed(StrEnum):
    """What became of a mail."""

    TOLD = "told"  # it is on record now
    KNOWN = "known"  # it was before
    DELAYED = "delayed"  # the message is still being tried
    NOT_OURS = "not ours"  # a report, but it proves no message of ours, or one from too long ago
    NO_REPORT = "no report"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one mail. `suppressed` when its address is not mailed any more from now on."""

    absorbed: Absorbed
    returned: Returned | None = None
    message_id: int | None = None
    suppressed: SuppressionReason | None = None


@dataclass(frozen=True, slots=True)
class Absorber:
    store: Store
    links: Links
    return_paths: ReturnPaths | None
    now: Callable[[], datetime]

    def empty(self, inbox: Inbox[Key]) -> Iterator[Outcome]:
        """Each mail that waits there. What a person should look at stays in it, as seen. Raises DigestError when it cannot be read."""
        for key, raw in inbox.waiting():
            outcome = self.absorb(raw)
            if outcome.absorbed in {Absorbed.NO_REPORT, Absorbed.NOT_OURS}:
                inbox.leave(key)
            else:
                inbox.done(key)
            yield outcome

    def absorb(self, raw: bytes) -> Outcome:
        """One mail as it came, of anybody."""
        report = read_report(raw)
        if report is None:
            return Outcome(Absorbed.NO_REPORT)
        returned = report.returned
        with self.store.read() as tx:
            original = self._original(tx, report)
        if original is None or not original.went_out_at <= self.now() <= original.went_out_at + BELIEVED_FOR:
            return Outcome(Absorbed.NOT_OURS, returned)
        if returned.kind is ReturnKind.DELAYED:
            return Outcome(Absorbed.DELAYED, returned, original.id)
        with self.store.write() as tx:
            if not tx.returns.add(original, returned, self.now()):
                return Outcome(Absorbed.KNOWN, returned, original.id)
            return Outcome(Absorbed.TOLD, returned, original.id, self._tell(tx, original, returned))

    def _original(self, tx: Transaction, report: Report) -> Original | None:
        """The message that it is about, if it proves that."""
        for address in report.addresses:
            number = self.return_paths.read(address) if self.return_paths else None
            if number is not None:
                return tx.returns.original(number)
        if report.returned.kind is not ReturnKind.COMPLAINT:
            return None
        for link in report.links:
            whose = self.links.unsubscribes(link)
            reader = tx.subscribers.known_as(whose[0]) if whose else None
            if whose and reader:
                return tx.returns.newest_to(reader.id, whose[1])
        return None

    def _tell(self, tx: Transaction, original: Original, returned: Returned) -> SuppressionReason | None:
        reader = original.subscriber_id
        if reader is not None and not tx.subscribers.lock(reader):
            reader = None  # erased since
        return came_back(tx, original.id, Whose(reader, original.list_id, original.address_hash), returned, self.now())
