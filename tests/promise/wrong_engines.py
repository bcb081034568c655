"""Engines that break the promise on purpose, to see the harness notice. Put on in a sender's own process, never in the harness."""

from collections.abc import Callable
from dataclasses import replace

from digest.model.message import MessageState, Reply, Settlement
from digest.pipeline import sending
from digest.pipeline.ledger import Ledger, Page, Written
from digest.store.outbox import Armed


class HastyLedger(Ledger):
    """Lets dots go before their arming is committed: what is to be written is written several pages later."""

    BEHIND = 6

    def write(self, page: Page) -> Written:
        late: list[Page] = self.__dict__.setdefault("late", [])
        if not page.arm:
            while late:
                super().write(late.pop(0))
            return super().write(page)
        late.append(Page(arm=page.arm, settled=page.settled))
        while len(late) > self.BEHIND:
            super().write(late.pop(0))
        rest = Page(pause=page.pause, back=page.back, later=page.later, claim=page.claim, own=page.own, acts=page.acts)
        written = super().write(rest)
        return replace(written, page=page, armed=Armed(frozenset(page.arm), frozenset()))


class HopefulLedger(Ledger):
    """Takes messages for accepted as soon as they are claimed."""

    def write(self, page: Page) -> Written:
        written = super().write(replace(page, arm={}))
        if written.claimed:
            super().write(Page(arm={message.id: message.campaign_id for message in written.claimed}))
            hoped = [Settlement(message.id, MessageState.ACCEPTED, Reply(250)) for message in written.claimed]
            super().write(Page(settled=hoped))
        return replace(written, page=page, armed=Armed(frozenset(page.arm), frozenset()))


def _with_ledger(ledger: type[Ledger]) -> Callable[[], None]:
    def put_on() -> None:
        vars(sending)["Ledger"] = ledger  # in a process that was forked for this

    return put_on


WRONG_ENGINES: dict[str, Callable[[], None]] = {
    "hasty": _with_ledger(HastyLedger),
    "hopeful": _with_ledger(HopefulLedger),
}
