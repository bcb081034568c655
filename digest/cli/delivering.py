"""Delivering in the foreground: a bar, the account at the end, and the exit code that it deserves."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

from digest.cli.show import NOTHING_TO_DO, PARTLY, counted, dump, note, say
from digest.cli.watching import display
from digest.model.errors import DigestError, SenderBusy, TryLater, WrongState
from digest.model.issue import CampaignState
from digest.model.message import OPEN, Account, MessageState
from digest.pipeline.brake import campaign_of
from digest.pipeline.describe import describe_account
from digest.pipeline.watch import Sight

if TYPE_CHECKING:
    from digest.app import App
    from digest.model.issue import Campaign
    from digest.model.message import Settlement
    from digest.pipeline.deliver import DeliveryReport
    from digest.pipeline.progress import Snapshot

WATCH_SECONDS = 0.5  # how often another sender's progress is looked at
STOPPED = 130  # as shells say of what Ctrl-C ended

#: Ends that are as they should be: the reader has it, or has left.
_GOOD = frozenset({MessageState.ACCEPTED, MessageState.SUPPRESSED})


def deliver_here(run: "App", *, total: int, issue_id: int | None = None, as_json: bool = False) -> int:
    """Deliver what is due; returns the exit code. The account is given at every end: of what we had to do with, and of the issue
    that is named, even when another process sends it.
    """
    report, failed = None, None
    try:
        with _stopping() as stop, display() as show:
            report = _deliver(run, stop, _Own(total, show), issue_id)
    except SenderBusy:
        raise
    except DigestError as error:  # the account comes first
        failed = error
    accounts = dict(report.accounts) if report else {}
    paused = dict(report.paused) if report else {}
    for campaign in _of_interest(run, issue_id, failed):
        accounts[campaign.issue_id] = _account(run, campaign.issue_id)
        if campaign.state is CampaignState.PAUSED:
            paused[campaign.issue_id] = campaign.reason
    if as_json:
        dump(_described(report, accounts, paused))
    else:
        _tell(report, accounts, paused)
    _check(accounts)
    if failed is not None:
        raise failed
    return exit_code(accounts, report, paused)


def _of_interest(run: "App", issue_id: int | None, failed: DigestError | None) -> "list[Campaign]":
    """Campaigns that are told of whether or not we had to do with them."""
    with run.store.read() as tx:
        if issue_id is not None:
            return [campaign_of(tx, issue_id)]
        return tx.campaigns.not_over() if failed else []


class _Own:
    """What is to be seen of our own sending: so many messages are owed, and these came to an end."""

    def __init__(self, total: int, show: Callable[[Sight], None]) -> None:
        self._total = total
        self._show = show
        self._settled: Counter[MessageState] = Counter()

    def settled(self, settlement: "Settlement") -> None:
        self._settled[settlement.state] += 1

    def watch(self, snapshot: "Snapshot") -> None:
        waiting = max(0, self._total - self._settled.total())
        account = Account(self._total, {**self._settled, MessageState.QUEUED: waiting})
        self._show(Sight(account, [snapshot]))


def _deliver(run: "App", stop: Event, own: _Own, issue_id: int | None) -> "DeliveryReport | None":
    """None: another process has sent the issue to its end, or is still at it and we were told to stop watching."""
    from digest.pipeline.deliver import deliver

    watching = False
    while True:
        try:
            report = deliver(run.sender(stop, own.settled, own.watch))
        except SenderBusy as busy:
            if issue_id is None:
                raise
            if not watching:
                note(str(busy))
            watching = True
            if _at_its_end(run, issue_id) or stop.wait(WATCH_SECONDS):
                return None
        else:
            if issue_id is None or _at_its_end(run, issue_id) or stop.wait(WATCH_SECONDS):
                return report


@contextmanager
def _stopping() -> Iterator[Event]:
    """SIGTERM and the first Ctrl-C finish the messages in hand; a second one ends at once, as kill -9 would: nobody is lost."""
    stop = Event()
    said = b"Stopping after the messages in hand; `digest deliver` takes up the rest.\n"
    if sys.stderr.isatty():
        said = b"\n" + said  # below the bar

    def handle(_number: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(STOPPED)
        stop.set()
        # Not by way of sys.stderr, in the midst of whose work a signal may come.
        os.write(2, said)

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(report: "DeliveryReport | None", accounts: dict[int, Account], paused: dict[int, str]) -> None:
    if report and (report.recovered.claimed or report.recovered.armed):
        found = report.recovered
        note(
            f"Took over from a sender that died: {found.claimed} claimed, {found.armed} armed "
            "(those may arrive twice, with the same Message-ID, or are marked uncertain, as on_crash says)."
        )
    for issue, account in accounts.items():
        say(f"Issue {issue}: {account}")
    if report and not accounts and report.settled:
        say(", ".join(f"{state} {count}" for state, count in sorted(report.settled.items())))
    for relay, why in report.troubled.items() if report else ():
        note(f"The relay {relay} was not used in the end: {why}")
    for issue, why in paused.items():
        note(f"Issue {issue} is paused: {why} (when that is mended, `digest campaign resume {issue}` goes on)")
    if report and report.next_due_at:
        note(
            f"The next message is due at {report.next_due_at:%Y-%m-%d %H:%M:%S} UTC; "
            "`digest deliver` or the scheduler sends it then."
        )


def _described(
    report: "DeliveryReport | None", accounts: dict[int, Account], paused: dict[int, str]
) -> dict[str, object]:
    return {
        "accounts": [{"issue": issue} | describe_account(account) for issue, account in accounts.items()],
        "settled": dict(report.settled) if report else {},
        "paused": [{"issue": issue, "why": why} for issue, why in paused.items()],
        "next_due_at": report.next_due_at if report else None,
    }


def exit_code(
    accounts: dict[int, Account], report: "DeliveryReport | None" = None, paused: Collection[int] = ()
) -> int:
    ends: Counter[MessageState] = Counter(report.settled) if report else Counter()
    for account in accounts.values():
        ends.update(account.counts)
    ends = +ends
    if not ends:
        return NOTHING_TO_DO
    if ends.keys() <= _GOOD:
        return 0
    if ends[MessageState.ACCEPTED]:
        return PARTLY
    later = bool(ends.keys() & OPEN) and not paused  # what is paused waits for an operator
    return TryLater.exit_code if later else 1


def _check(accounts: dict[int, Account]) -> None:
    for issue, account in accounts.items():
        if not account.balanced:
            raise WrongState(
                f"The account of issue {issue} does not balance: {counted(account.audience, 'reader')} were frozen, "
                f"{sum(account.counts.values()):,} are accounted for. Please report this."
            )


def _at_its_end(run: "App", issue_id: int) -> bool:
    """Its campaign does not run any more, or no message waits but for a later time."""
    with run.store.read() as tx:
        if campaign_of(tx, issue_id).state is not CampaignState.RUNNING:
            return True
    account = _account(run, issue_id)
    return account.open == account.of(MessageState.DEFERRED)


def _account(run: "App", issue_id: int) -> Account:
    with run.store.read() as tx:
        return tx.campaigns.account(campaign_of(tx, issue_id).id)
