"""A transaction, with a door to the queries of each noun."""

from functools import cached_property

from sqlalchemy import Connection

from digest.model.operator import AT_THE_MACHINE, Actor
from digest.store.acts import Acts
from digest.store.answers import Answers
from digest.store.archive import Archive
from digest.store.articles import Articles
from digest.store.asked_pages import PagePictures, ShortLinks
from digest.store.audiences import Audiences
from digest.store.bulks import Bulks
from digest.store.campaigns import Campaigns
from digest.store.confirmations import Confirmations
from digest.store.corrections import Corrections
from digest.store.door import Door
from digest.store.editions import Editions
from digest.store.events import Events
from digest.store.feeds import Feeds
from digest.store.foresight import Foresight
from digest.store.fresh_links import FreshLinks
from digest.store.imports import Imports
from digest.store.incoming import Incoming
from digest.store.instance import Instance
from digest.store.issue_lines import IssueLines
from digest.store.issues import Issues
from digest.store.link_checks import LinkChecks
from digest.store.lists import Lists
from digest.store.messages import Messages
from digest.store.operators import Operators
from digest.store.outbox import Outbox
from digest.store.overrides import Overrides
from digest.store.pictures import Pictures
from digest.store.portable import Portable
from digest.store.readdressing import Readdressing
from digest.store.readers import Readers
from digest.store.reports import Reports
from digest.store.returns import Returns
from digest.store.segments import Segments
from digest.store.senders import Senders
from digest.store.sessions import ApiKeys, Sessions
from digest.store.subscribers import Subscribers
from digest.store.suppressions import Suppressions
from digest.store.watching import Watching
from digest.store.webhooks import Webhooks
from digest.store.wishes import IssueWishes


class Transaction:
    """One open transaction: a door to the queries of each noun."""

    def __init__(self, connection: Connection, actor: Actor = AT_THE_MACHINE) -> None:
        self._connection = connection
        self._actor = actor

    @cached_property
    def instance(self) -> Instance:
        return Instance(self._connection)

    @cached_property
    def lists(self) -> Lists:
        return Lists(self._connection)

    @cached_property
    def feeds(self) -> Feeds:
        return Feeds(self._connection)

    @cached_property
    def articles(self) -> Articles:
        return Articles(self._connection)

    @cached_property
    def archive(self) -> Archive:
        return Archive(self._connection)

    @cached_property
    def issues(self) -> Issues:
        return Issues(self._connection)

    @cached_property
    def issue_lines(self) -> IssueLines:
        return IssueLines(self._connection)

    @cached_property
    def corrections(self) -> Corrections:
        return Corrections(self._connection)

    @cached_property
    def wishes(self) -> IssueWishes:
        return IssueWishes(self._connection)

    @cached_property
    def page_pictures(self) -> PagePictures:
        return PagePictures(self._connection)

    @cached_property
    def short_links(self) -> ShortLinks:
        return ShortLinks(self._connection)

    @cached_property
    def pictures(self) -> Pictures:
        return Pictures(self._connection)

    @cached_property
    def editions(self) -> Editions:
        return Editions(self._connection)

    @cached_property
    def audiences(self) -> Audiences:
        return Audiences(self._connection)

    @cached_property
    def campaigns(self) -> Campaigns:
        return Campaigns(self._connection)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self._connection)

    @cached_property
    def returns(self) -> Returns:
        return Returns(self._connection)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self._connection)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self._connection)

    @cached_property
    def subscribers(self) -> Subscribers:
        return Subscribers(self._connection)

    @cached_property
    def confirmations(self) -> Confirmations:
        return Confirmations(self._connection)

    @cached_property
    def door(self) -> Door:
        return Door(self._connection)

    @cached_property
    def fresh_links(self) -> FreshLinks:
        return FreshLinks(self._connection)

    @cached_property
    def readdressing(self) -> Readdressing:
        return Readdressing(self._connection)

    @cached_property
    def suppressions(self) -> Suppressions:
        return Suppressions(self._connection)

    @cached_property
    def imports(self) -> Imports:
        return Imports(self._connection)

    @cached_property
    def incoming(self) -> Incoming:
        return Incoming(self._connection)

    @cached_property
    def foresight(self) -> Foresight:
        return Foresight(self._connection)

    @cached_property
    def senders(self) -> Senders:
        return Senders(self._connection)

    @cached_property
    def portable(self) -> Portable:
        return Portable(self._connection)

    @cached_property
    def watching(self) -> Watching:
        return Watching(self._connection)

    @cached_property
    def link_checks(self) -> LinkChecks:
        return LinkChecks(self._connection)

    @cached_property
    def events(self) -> Events:
        return Events(self._connection)

    @cached_property
    def operators(self) -> Operators:
        return Operators(self._connection)

    @cached_property
    def overrides(self) -> Overrides:
        return Overrides(self._connection)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self._connection)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self._connection)

    @cached_property
    def acts(self) -> Acts:
        return Acts(self._connection, self._actor)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self._connection)

    @cached_property
    def segments(self) -> Segments:
        return Segments(self._connection)

    @cached_property
    def readers(self) -> Readers:
        return Readers(self._connection)

    @cached_property
    def bulks(self) -> Bulks:
        return Bulks(self._connection)

    @cached_property
    def webhooks(self) -> Webhooks:
        return Webhooks(self._connection)
