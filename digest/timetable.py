"""The jobs and their triggers. APScheduler only ticks (docs/adr/0002): memory store, UTC; what is due is in our own rows."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from digest.app import App, open_app, start_journal
from digest.feedback.inbox import Inbox, Key
from digest.feedback.maildir import Maildir
from digest.model.errors import DigestError, SenderBusy, TryLater
from digest.model.message import Account
from digest.model.operator import TIMETABLE
from digest.operators.calls import Caller
from digest.pipeline.absorb import Absorber
from digest.pipeline.cursors import move_after_the_end
from digest.pipeline.deliver import deliver
from digest.pipeline.prune import prune
from digest.pipeline.refresh import refresh
from digest.pipeline.report import add_up_finished
from digest.pipeline.tick import Ticker

log = logging.getLogger("digest.timetable")

TICK_SECONDS = 15
DELIVER_SECONDS = 3  # a confirmation mail should be there before the reader has found their inbox
CALL_SECONDS = 5
ABSORB_SECONDS = 30
ABSORB_IMAP_MINUTES = 5  # somebody else's server, which minds who logs in too often
CARE_MINUTES = 15
WATCH_MINUTES = 10
SETTLING = timedelta(minutes=2)
ADD_UP_SECONDS = 30  # after a campaign is over its report can be read
PRUNE_HOURS = 24
MOST_PATIENT = timedelta(minutes=5)
DEBUG = "DIGEST_DEBUG"  # also what the command line asks


class Patience:
    """How long delivering rests after it failed: twice as long each time. Relays lock out who knocks with a wrong password."""

    def __init__(self) -> None:
        self._rest = timedelta()
        self._until: datetime | None = None

    def resting(self, now: datetime) -> bool:
        return self._until is not None and now < self._until

    def lose(self, now: datetime) -> None:
        self._rest = min(max(2 * self._rest, timedelta(seconds=2 * DELIVER_SECONDS)), MOST_PATIENT)
        self._until = now + self._rest

    def win(self) -> None:
        self._rest, self._until = timedelta(), None


class Beats:
    """When each job was done, told to the database; of those that come often, no oftener than once in TICK_SECONDS."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._told: dict[str, datetime] = {}

    def did(self, job: str) -> None:
        now = self._app.now()
        if job in self._told and now - self._told[job] < timedelta(seconds=TICK_SECONDS - 1):
            return
        with self._app.store.write() as tx:
            tx.watching.beat(job, now)
        self._told[job] = now

    def failed(self, job: str) -> None:
        self._told.pop(job, None)
        with suppress(DigestError), self._app.store.write() as tx:  # of what it failed is in the log, and more matters
            tx.watching.miss(job, self._app.now())


class Timetable:
    """Runs the jobs in threads until it is stopped."""

    def __init__(self, app: App) -> None:
        self._app = app.acting(TIMETABLE)
        self.stop = Event()
        self._patience = Patience()
        self._beats = Beats(app)
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(8)})

    def start(self) -> None:
        minutes = self._app.settings.refresh_minutes
        self._every(self.scheduler, seconds=TICK_SECONDS)
        self._every(self.tick, seconds=TICK_SECONDS)
        self._every(self.deliver, seconds=DELIVER_SECONDS)
        self._every(self.refresh, minutes=minutes)
        self._every(self.call, seconds=CALL_SECONDS)
        if self._app.settings.bounce_folder is not None:
            self._every(self.absorb, seconds=ABSORB_SECONDS)
        if self._app.mailbox is not None:
            self._every(self.absorb_imap, minutes=ABSORB_IMAP_MINUTES)
        self._every(self.add_up, seconds=ADD_UP_SECONDS)
        self._every(self.care, minutes=CARE_MINUTES)
        self._every(self.watch, minutes=WATCH_MINUTES, rests=SETTLING)  # what was late is being caught up
        self._every(self.prune, hours=PRUNE_HOURS)
        self._scheduler.start()
        log.info("action=start tick_seconds=%d refresh_minutes=%d", TICK_SECONDS, minutes)

    def shut_down(self) -> None:
        """Let the messages in hand finish, then stop."""
        self.stop.set()
        self._scheduler.shutdown(wait=True)

    def scheduler(self) -> None:
        """Nothing but its beat, which says that this process lives and reaches its database."""

    def tick(self) -> None:
        app = self._app
        ticker = Ticker(
            app.store,
            app.limits,
            app.render,
            app.keys,
            app.now,
            app.nonce,
            own_templates=app.settings.templates,
            check=app.linter,
        )
        for appeared in ticker.tick():
            log.info("action=issue issue=%d said=%s", appeared.issue.id, appeared.said)

    def deliver(self) -> None:
        app = self._app
        if self._patience.resting(app.now()) or not self._anything_to_deliver():
            return
        try:
            report = deliver(app.sender(self.stop))
        except SenderBusy:
            raise
        except DigestError:
            self._patience.lose(app.now())
            raise
        self._patience.win()
        for issue, account in report.accounts.items():
            _tell(issue, account)
        for relay, why in report.troubled.items():
            log.warning("action=relay relay=%s why=%s", relay, why)
        for issue, why in report.paused.items():
            log.error("action=pause issue=%d why=%s", issue, why)

    def _anything_to_deliver(self) -> bool:
        with self._app.store.read() as tx:
            due = tx.messages.next_due()
            return (due is not None and due <= self._app.now()) or tx.messages.in_hand() or tx.campaigns.any_over()

    def refresh(self) -> None:
        for report in refresh(self._app.store, self._app.limits, now=self._app.now):
            if report.error:
                log.warning("action=refresh feed=%d error=%s", report.feed.id, report.error)

    def call(self) -> None:
        app = self._app
        counts = Caller(app.store, app.keys, app.limits, app.now, app.nonce).run()
        if counts:
            log.info("action=call %s", " ".join(f"{state}={count}" for state, count in sorted(counts.items())))

    def absorb(self) -> None:
        """What came back, from the Maildir that it is delivered to."""
        folder = self._app.settings.bounce_folder
        assert folder is not None
        self._absorb(Maildir(folder))

    def absorb_imap(self) -> None:
        """The same, from a mailbox."""
        mailbox = self._app.mailbox
        assert mailbox is not None
        self._absorb(mailbox)

    def _absorb(self, inbox: Inbox[Key]) -> None:
        app = self._app
        absorber = Absorber(app.store, app.links, app.return_paths, app.now)
        for outcome in absorber.empty(inbox):
            said, suppressed = outcome.returned, outcome.suppressed or "nobody"
            kind, status = (said.kind, said.status or "-") if said else ("-", "-")
            place = outcome.message_id or 0
            log.info(
                "action=absorb became=%s kind=%s status=%s message=%d suppressed=%s",
                outcome.absorbed,
                kind,
                status,
                place,
                suppressed,
            )

    def care(self) -> None:
        for told in self._app.caretaker.tell():
            log.warning("action=care list=%s feeds=%d", told.mailing_list.name, told.feeds)

    def watch(self) -> None:
        told = self._app.watchman.look()
        for alert in told.begun:
            log.warning("action=alert kind=%s about=%s said=%s", alert.kind, alert.about, alert.said)
        for alert in told.over:
            log.info("action=alert_over kind=%s about=%s said=%s", alert.kind, alert.about, alert.said)

    def add_up(self) -> None:
        for campaign_id in add_up_finished(self._app.store):
            log.info("action=add_up campaign=%d", campaign_id)
        move_after_the_end(self._app.store)

    def prune(self) -> None:
        app = self._app
        prune(app.store, now=app.now(), unconfirmed_for=timedelta(days=app.settings_now().unconfirmed_days))

    def _every(self, job: Callable[[], None], *, rests: timedelta = timedelta(), **interval: int) -> None:
        """From now on; `rests`: for how long not yet."""

        def run() -> None:
            try:
                job()
                self._beats.did(job.__name__)
            except SenderBusy as error:
                log.debug("action=%s busy=%s", job.__name__, error)
            except TryLater as error:
                self._beats.failed(job.__name__)
                log.warning("action=%s later=%s", job.__name__, error)
            except DigestError as error:
                self._beats.failed(job.__name__)
                log.error("action=%s error=%s", job.__name__, error)  # noqa: TRY400  a sentence, not a traceback
            except Exception as error:  # the next turn, and the other jobs, must come
                self._beats.failed(job.__name__)
                said = f"{type(error).__name__}: {error} (this is a fault of digest; {DEBUG}=1 shows where)"
                log.error("action=%s error=%s", job.__name__, said, exc_info=bool(os.environ.get(DEBUG)))  # noqa: TRY400  only when asked for

        # Lateness is decided by us (catch_up), never by APScheduler, which drops a job that is a second late.
        self._scheduler.add_job(
            run,
            "interval",
            **interval,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=self._app.now() + rests,
            id=job.__name__,
        )


def run(app: App, until: Event | None = None) -> None:
    """Run the timetable until SIGTERM, SIGINT or `until`; the messages in hand are finished first."""
    timetable = Timetable(app)
    stopped = until or Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    timetable.start()
    stopped.wait()
    timetable.shut_down()


def main() -> None:
    """What `python scheduler.py` does."""
    try:
        app = open_app()
        start_journal(app.settings)
        app.check_hops()  # a missing smtp_url is said now, not at the first issue
        run(app)
    except DigestError as error:
        sys.stderr.write(f"digest: {error}\n")
        sys.exit(error.exit_code)


def _tell(issue: int, account: Account) -> None:
    level = logging.INFO if account.balanced else logging.ERROR
    log.log(level, "action=account issue=%d %s", issue, account)
