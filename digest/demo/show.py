"""The demo: an invented newsroom, a real web server, real SMTP and a mailbox to look at. Everything is on 127.0.0.1.

newsroom ─▶ refresh ─▶ draft ─▶ publish ─▶ deliver ─▶ mailbox
visitors sign up through the form, confirm from their mail, and one leaves with one click
"""

import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

from digest.app import App, check_keys, make_keys, nonce, now
from digest.demo.mailbox import Mailbox
from digest.demo.newsroom import Newsroom
from digest.demo.visitor import Visitor, find_link
from digest.model.address import Address
from digest.model.errors import DigestError
from digest.model.issue import Issue
from digest.model.message import Account
from digest.model.operator import Role
from digest.operators.accounts import add_operator
from digest.pipeline.assemble import assemble
from digest.pipeline.deliver import deliver
from digest.pipeline.follow import follow
from digest.pipeline.plan import ListChange, add_list
from digest.pipeline.publish import publish
from digest.pipeline.refresh import refresh
from digest.settings import Settings
from digest.store import open_store
from digest.timetable import Timetable
from digest.web import running
from digest.web.forms import FILL_TIME

LIST = "coast-weekly"
READERS = ("ada", "bruno", "chidi", "dora", "emil")
LEAVER = "bruno"
OWNER = "ida@marrowick.example"  # of the desk
MARK = ".digest-demo"  # a file in the demo's folder, so that only a folder of ours is ever emptied

_LIST = ListChange(
    title="The Coast Weekly",
    tagline="The week on Sandrel Sound, in ten minutes",
    sender="The Coast Weekly <weekly@marrowick.example>",
    postal_address="The Coast Weekly, 4 Quay Street, Marrowick",
    weekdays="mon",
    at="08:00",
    zone="Europe/Vienna",
    topics="The Town, Science, Culture, The Table",
)


def run_demo(directory: Path, *, port: int, stay: bool) -> None:
    """Show all of it, once; then, with `stay`, serve until Ctrl-C. A second run starts anew."""
    with opened(directory, port=port) as show:
        show.perform()
        if stay:
            show.tell_where()
            _serve(show.app)
        else:
            _say(f"The mails are in {directory / 'mails'}; in a terminal the demo serves them as pages until Ctrl-C.")


@contextmanager
def opened(directory: Path, *, port: int) -> "Iterator[Show]":
    """The newsroom, the mailbox and the pages, in an emptied folder; nothing has happened yet."""
    _make_room(directory)
    port = _free(port)
    with ExitStack() as open_:
        newsroom = open_.enter_context(Newsroom(now(), _free(port + 2)))
        mailbox = open_.enter_context(Mailbox(directory / "mails", now, web_port=_free(port + 1)))
        app = _open(directory, port, mailbox.smtp_port)
        open_.callback(app.close)
        open_.enter_context(running(app, "127.0.0.1", port))
        visitor = open_.enter_context(Visitor(app.settings.base_url))
        yield Show(app, newsroom, mailbox, visitor, directory)


class Show:
    """What happens in the demo, one scene after the other."""

    def __init__(self, app: App, newsroom: Newsroom, mailbox: Mailbox, visitor: Visitor, directory: Path) -> None:
        self.app = app
        self._newsroom = newsroom
        self._mailbox = mailbox
        self._visitor = visitor
        self._directory = directory

    def perform(self) -> None:
        _say("1  A list, and the newsroom's feeds")
        self.follow_feeds()
        _say("2  The week's articles")
        self.refresh()
        _say("3  Readers sign up on the page, and confirm from their mail")
        self.sign_up()
        _say("4  The issue")
        self.send(self.draft())
        _say("5  One reader leaves, with one click in their mail program")
        self.leave()
        _say("")

    def follow_feeds(self) -> None:
        app = self.app
        add_list(app.store, LIST, _LIST, now=app.now())
        for example in self._newsroom.feeds:
            location = example.location or str(self._folder(example.folder))
            followed = follow(app.store, LIST, location, topic=example.topic, limits=app.limits, now=app.now())
            _say(f"   {example.shows:<42} {followed.feed.title}")

    def _folder(self, name: str) -> Path:
        folder = (self._directory / name).resolve()
        self._newsroom.write_folder(folder)
        return folder

    def refresh(self) -> None:
        reports = list(refresh(self.app.store, self.app.limits, now=self.app.now))
        for report in reports:
            if report.error:
                raise DigestError(f"The demo's feed {report.feed.location} could not be read: {report.error}")
        _say(f"   {sum(report.new for report in reports)} articles from {len(reports)} feeds")

    def sign_up(self) -> None:
        before = self._mailbox.latest
        forms = {name: self._visitor.open_form(f"/lists/{LIST}") for name in READERS}
        time.sleep(FILL_TIME.total_seconds())  # as people do: who is quicker is taken for a machine
        for name, form in forms.items():
            self._visitor.send(form, email=_address(name), name=name.title())
        self._deliver()
        for name in READERS:
            mail = self._mailbox.wait_for(to=_address(name), after=before)
            self._visitor.press(find_link(mail, "/c/"))
        self._deliver()
        _say(f"   {len(READERS)} readers confirmed, and have a welcome mail")

    def draft(self) -> Issue:
        app = self.app
        with app.store.read() as tx:
            mailing_list = tx.lists.by_name(LIST)
        drafted = assemble(app.store, mailing_list, app.now().date(), now=app.now(), salt=app.nonce())
        issue = drafted.issue
        _say(f"   {len(issue.content.items)} articles are in")
        for left in issue.content.left_out:
            _say(f"   left out: {left.title}. {left.reason}")
        return issue

    def send(self, issue: Issue) -> None:
        app = self.app
        publish(app.store, issue.id, app.render, app.keys, now=app.now())
        account = self._deliver()[issue.id]
        _say(f"   {account}")
        if not account.balanced or account.open:
            raise DigestError(f"The demo's issue is not accounted for: {account}")

    def _deliver(self) -> dict[int, Account]:
        return deliver(self.app.sender()).accounts

    def leave(self) -> None:
        mail = [mail for mail in self._mailbox.messages() if _address(LEAVER) in mail.recipients][-1]
        self._visitor.unsubscribe_in_one_click(mail)
        with self.app.store.read() as tx:
            leaver = tx.subscribers.find(Address.parse(_address(LEAVER)))
            assert leaver is not None
            state = tx.subscribers.subscriptions(leaver.id)[0].state
        _say(f"   {_address(LEAVER)} is {state}")

    def invite(self) -> str:
        """A link by which somebody logs in at the desk as its owner, once."""
        app = self.app
        added = add_operator(app.store, app.keys, OWNER, Role.OWNER, name="Ida", now=app.now(), nonce=app.nonce())
        return f"{app.settings.base_url}/desk/welcome/{added.token}"

    def tell_where(self) -> None:
        _say(f"The mails, to look at    {self._mailbox.url}")
        _say(f"The sign-up page         {self.app.settings.base_url}/lists/{LIST}")
        _say(f"The desk, to log in      {self.invite()}")
        _say(f"The newsroom             {self._newsroom.base_url}/")
        _say(f"The mails, as files      {self._directory / 'mails'}")


def _make_room(directory: Path) -> None:
    """A new demo starts from nothing. A folder that is not the demo's is left alone."""
    mark = directory / MARK
    if directory.exists() and any(directory.iterdir()):
        if not mark.exists():
            raise DigestError(f"The folder {directory} is not empty and not the demo's; name another with --dir.")
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    mark.write_text("This folder belongs to `digest demo`, which empties it at each start.\n", encoding="utf-8")


def _free(port: int) -> int:
    """The port, or any free one when something else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _open(directory: Path, port: int, smtp_port: int) -> App:
    settings = Settings(
        database_url=f"sqlite:///{directory / 'subscribers.db'}",
        smtp_url=f"smtp://127.0.0.1:{smtp_port}?tls=none",  # type: ignore[arg-type]  # pydantic reads a str as a secret
        base_url=f"http://127.0.0.1:{port}",
        secret_key=nonce() + nonce(),  # type: ignore[arg-type]  # the same
        private_networks=("127.0.0.0/8",),
    )
    store = open_store(settings.database_url)
    store.upgrade()
    keys = make_keys(settings, directory)
    check_keys(store, keys)
    return App(settings, store, keys)


def _serve(app: App) -> None:
    """Until Ctrl-C, with the timetable running, so that whoever signs up now gets their mail."""
    _say("")
    _say("Sign up yourself with any address; the mail comes to the mailbox above. Ctrl-C ends the demo.")
    with _until_told() as stopped:
        timetable = Timetable(app)
        timetable.start()
        stopped.wait()
        timetable.shut_down()


@contextmanager
def _until_told() -> Iterator[Event]:
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    yield stopped


def _address(name: str) -> str:
    return f"{name}@reader.example"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
