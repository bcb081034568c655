"""The tables. Migrations must lead to exactly these (tests/migrations)."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Time,
    UniqueConstraint,
    false,
    text,
    true,
)

from digest.store.columns import Words, metadata
from digest.store.columns import import_number as _import
from digest.store.columns import moment as _at
from digest.store.columns import reference as _ref
from digest.store.columns import text_of as _text
from digest.store.fetched_tables import (
    issue_pictures,
    link_checks,
    page_pictures,
    picture_sources,
    pictures,
    short_links,
)
from digest.store.import_tables import import_changes, imports
from digest.store.operator_tables import acts, answered, api_keys, invitations, operator_sessions, operators
from digest.store.return_tables import returns
from digest.store.segment_tables import bulk_readers, bulks, segments
from digest.store.watch_tables import alerts, beats, counted
from digest.store.webhook_tables import calls, webhooks

#: Tables of the same database that stand in a file of their own.
ELSEWHERE = (
    *(issue_pictures, link_checks, page_pictures, picture_sources, pictures, short_links),
    *(import_changes, imports),
    *(acts, answered, api_keys, invitations, operator_sessions, operators),
    *(bulk_readers, bulks, segments),
    *(alerts, beats, calls, counted, returns, webhooks),
)

instance = Table(
    "instance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_check", Words, nullable=False),  # tells whether the secret key is the one this database was made with
    _at("created_at", nullable=False),
)

lists = Table(
    "lists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Words, nullable=False, unique=True),
    Column("title", Words, nullable=False),
    _text("tagline"),
    Column("sender_name", Words, nullable=False),
    Column("sender_address", Words, nullable=False),
    _text("reply_to"),
    _text("postal_address"),
    Column("list_id", Words, nullable=False, unique=True),  # RFC 2919; never changes
    Column("language", Words, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("rhythms", Words, nullable=False, server_default="every"),  # to choose from, with spaces between them
    Column("greets_with_issue", Boolean, nullable=False, server_default=true()),
    Column("says_goodbye", Boolean, nullable=False, server_default=true()),
    Column("weekdays", JSON, nullable=False),
    Column("at", Time, nullable=False),
    Column("zone", Words, nullable=False),
    Column("catch_up", Words, nullable=False),
    Column("late_hours", Integer, nullable=False),
    Column("window_days", Integer, nullable=False),
    Column("min_articles", Integer, nullable=False),
    Column("max_articles", Integer, nullable=False),
    Column("max_per_feed", Integer, nullable=False),
    Column("send_within_hours", Integer, nullable=False, server_default="48"),
    _text("seeds"),  # addresses of our own that get each issue first, with spaces between them
    Column("canary_percent", Integer, nullable=False, server_default="1"),
    Column("canary_refused_percent", Integer, nullable=False, server_default="5"),
    Column("max_per_topic", Integer, nullable=False, server_default="0"),
    Column("half_life_hours", Integer, nullable=False, server_default="72"),
    Column("too_few", Words, nullable=False, server_default="skip"),
    Column("corrections", Boolean, nullable=False, server_default="0"),
    Column("draft_ahead_hours", Integer, nullable=False, server_default="0"),
    _text("editors"),  # addresses, with spaces between them
    _text("theme"),
    _text("brand"),  # JSON of what it says
    Column("archive", Words, nullable=False, server_default="off"),
    _at("next_due_at"),
    _at("created_at", nullable=False),
    sqlite_autoincrement=True,  # links hold the number
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("list_id", "lists.id"),
    Column("location", Words, nullable=False),
    Column("kind", Words, nullable=False),
    _text("title"),
    _text("topic"),
    Column("own", Boolean, nullable=False, server_default=false()),
    Column("state", Words, nullable=False),
    _text("etag"),
    _text("last_modified"),
    _at("last_tried_at"),
    _at("last_ok_at"),
    _text("last_error"),
    Column("weight", Float, nullable=False, server_default="1"),
    _text("moved_from"),
    _at("moved_at"),
    Column("failures", Integer, nullable=False, server_default="0"),
    _at("failing_since"),
    _text("notes"),  # one a line
    UniqueConstraint("list_id", "location"),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("list_id", "lists.id"),
    _ref("feed_id", "feeds.id", nullable=True, on_delete="SET NULL"),
    _text("topic"),
    Column("article", JSON, nullable=False),
    Column("content_hash", Words, nullable=False),
    _at("published_at", nullable=False),
    _at("first_seen_at", nullable=False),
    _at("changed_at"),
    Index(None, "list_id", "published_at"),
    sqlite_autoincrement=True,  # links hold the number
)

#: By which an entry is recognised as an article we have. Several keys may lead to one article; no key to two.
article_keys = Table(
    "article_keys",
    metadata,
    Column("list_id", Integer, ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Words, primary_key=True),
    _ref("article_id", "articles.id"),
    Index(None, "article_id"),
)

IS_NUMBERED = text("state <> 'skipped'")  # a skipped issue's number goes to the next one

issues = Table(
    "issues",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("list_id", "lists.id"),
    Column("period", Date, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Words, nullable=False),
    _text("reason"),
    Column("left_out", JSON, nullable=False),
    Column("previewed", JSON),  # what the last preview showed
    Column("salt", Words, nullable=False),
    _at("send_at"),  # its slot, when the timetable made it: to be assembled and published by itself
    _at("window_from", nullable=False),
    _at("window_to", nullable=False),
    _at("created_at", nullable=False),
    _at("published_at"),
    _text("subject"),  # an editor's; "" for the usual one
    _text("intro"),
    Column("corrections", JSON),
    _at("announced_at"),  # when the editors were told of a draft made ahead
    _at("withdrawn_at"),  # from the archive
    Column("edition_id", Integer),  # the whole issue as it was published. No foreign key: editions refer to issues
    UniqueConstraint("list_id", "period"),
    Index("uq_issues_number", "list_id", "number", unique=True, sqlite_where=IS_NUMBERED, postgresql_where=IS_NUMBERED),
    sqlite_autoincrement=True,
)

issue_items = Table(
    "issue_items",
    metadata,
    Column("issue_id", Integer, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _ref("article_id", "articles.id"),
    Column("section", Words, nullable=False),
    Column("is_lead", Boolean, nullable=False),
    Column("topic", Words, nullable=False),
    Column("article", JSON, nullable=False),  # frozen: an article edited later does not change a drafted issue
    Column("score", Float, nullable=False, server_default="0"),
    _text("factors"),
    Column("also", JSON),  # who else tells the story, and where
    Index(None, "article_id"),
)

#: What editors asked of an issue, in the order of asking; it outlasts each draft.
issue_wishes = Table(
    "issue_wishes",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("issue_id", "issues.id"),
    Column("kind", Words, nullable=False),
    Column("article_id", Integer, nullable=False),  # 0 for what is asked of the issue itself
    _text("text"),
    Column("position", Integer, nullable=False, server_default="0"),
    _at("created_at", nullable=False),
    UniqueConstraint("issue_id", "kind", "article_id"),
)

editions = Table(
    "editions",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("issue_id", "issues.id", nullable=True),
    _ref("list_id", "lists.id"),
    Column("mail", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("html", Words, nullable=False),
    Column("text", Words, nullable=False),
    _text("web"),  # with what the mail had no room for; "" when that is the HTML
    Column("skeleton", LargeBinary, nullable=False),
    Column("salt", Words, nullable=False),
    _text("sender"),  # of the envelope
    Column("catches_up", Boolean, nullable=False, server_default=false()),  # it holds what its readers missed
    Column("fit", JSON),
    _text("templates"),  # SHA-256 of those it was made with
    Column("sha256", Words, nullable=False, unique=True),  # of the skeleton: the same mail is kept once
    _at("created_at", nullable=False),
    Index(None, "issue_id"),
    sqlite_autoincrement=True,  # links hold the number: that of a forgotten edition must never become another's
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", Integer, ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("state", Words, nullable=False),
    _text("reason"),
    Column("audience", Integer, nullable=False),
    Column("canary_from", Integer),  # the messages that go first, while it is not known how they fare
    Column("canary_until", Integer),
    Column("counts", JSON),  # by state, once it is over: no index has them, and counting a million rows takes a second
    Column("report", JSON(none_as_null=True)),  # where its messages went and why some did not arrive, once it is over
    Column("frozen", JSON),  # what it was made with: the list's settings, the templates, this program
    Column("excluded", JSON),  # readers who got nothing at publishing, by reason
    _text("aimed"),  # at whom, in words; "" for all readers of the list
    Column(
        "cursors_until", Integer, nullable=False, server_default="0"
    ),  # messages up to this one have moved their readers' cursors
    _at("created_at", nullable=False),
    _at("deadline_at", nullable=False),  # what is deferred then has failed
    _at("finished_at"),
)

#: Who gets which edition, and when: readers who chose alike, and whom the same campaign reached last.
audiences = Table(
    "audiences",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True),
    Column("choices_id", Integer, primary_key=True, autoincrement=False),  # 0: they chose nothing
    Column("cursor", Integer, primary_key=True, autoincrement=False),  # 0: no campaign has reached them
    _ref("edition_id", "editions.id", on_delete="NO ACTION"),
    _at("due_at", nullable=False),
)

#: What readers chose of a list, once for all who chose alike.
choices = Table(
    "choices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("choices", JSON, nullable=False),
)

HAS_NAME = text("name <> ''")

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Words, nullable=False),
    Column("address_key", Words, nullable=False, unique=True),
    Column("address_hash", Words, nullable=False, unique=True),  # keyed; what a suppression remembers
    _text("name"),
    _text("language"),
    _text("note"),
    _at("created_at", nullable=False),
    # By which readers are found by the beginning of a name or address, whatever the database's collation.
    Index(
        "ix_subscribers_name",
        "name",
        sqlite_where=HAS_NAME,
        postgresql_where=HAS_NAME,
        postgresql_ops={"name": "text_pattern_ops"},
    ),
    Index(
        "ix_subscribers_address_start",
        "address_key",
        postgresql_ops={"address_key": "text_pattern_ops"},
        info={"only": "postgresql"},  # on SQLite the unique one compares bytes
    ).ddl_if(dialect="postgresql"),
    sqlite_autoincrement=True,  # links hold the number: that of an erased person must never become another's
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber_id", Integer, ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("list_id", Integer, ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True),
    Column("state", Words, nullable=False),
    Column("consent_source", Words, nullable=False),
    Column("consent_text", Words, nullable=False),
    Column("consent_network", Words, nullable=False, server_default=""),
    _at("consent_at", nullable=False),
    _at("confirmed_at"),
    _at("unsubscribed_at"),
    Column(
        "choices_id", Integer, nullable=False, server_default="0"
    ),  # 0: nothing chosen. No foreign key: such a row is never deleted
    Column("cursor", Integer, nullable=False, server_default="0"),  # the campaign that reached them last
    Column("paused_until", Date),  # no issue of an earlier day
    _import("import_id"),  # that made or changed it, as long as nobody has done anything about it since
    Column("feed_number", Integer, nullable=False, server_default="0"),  # stands in the link to their own feed
    Index(None, "list_id", "state", "subscriber_id"),  # publishing reads a list's readers from it, in order
    Index("ix_subscriptions_alike", "list_id", "state", "choices_id", "cursor", "paused_until"),  # and counts by it
)

#: One row per confirmation mail: the token in its link is stored hashed, works once, and for 48 hours.
confirmations = Table(
    "confirmations",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("subscriber_id", "subscribers.id"),
    Column("list_ids", JSON, nullable=False),
    Column("token_hash", Words, nullable=False, unique=True),
    _at("created_at", nullable=False),
    _at("expires_at", nullable=False),
    _at("used_at"),
    Index(None, "subscriber_id"),
)

#: When an inbox was asked to confirm, by a keyed hash that is the same for spellings that reach the same person. It outlasts
#: the subscriber, so that neither erasing nor forgetting them lets the next mail out sooner.
asked = Table(
    "asked",
    metadata,
    Column("inbox", Words, primary_key=True),
    Column("times", JSON, nullable=False),  # Unix milliseconds, oldest first
    _at("last_at", nullable=False),
)

#: Token buckets of sign-ups, kept as the moment at which each is full again.
buckets = Table(
    "buckets",
    metadata,
    Column("key", Words, primary_key=True),
    Column("full_at", BigInteger, nullable=False),  # Unix milliseconds
)

#: Proofs of work that were handed in: each is worth one sign-up.
spent_proofs = Table(
    "spent_proofs",
    metadata,
    Column("key", Words, primary_key=True),  # a hash of the challenge's signature
    _at("expires_at", nullable=False),  # after which the challenge is refused anyway
)

#: One row per fresh link that was mailed because somebody asked for it: hashed, for one purpose, for a short time.
fresh_links = Table(
    "fresh_links",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("subscriber_id", "subscribers.id"),
    _ref("list_id", "lists.id"),
    Column("purpose", Words, nullable=False),
    Column("token_hash", Words, nullable=False, unique=True),
    _text("address"),  # the other one, until it has confirmed
    _text("address_hash"),
    _at("created_at", nullable=False),
    _at("expires_at", nullable=False),
    _at("used_at"),
    Index(None, "subscriber_id"),
    Index(None, "address_hash"),
)

#: Numbers of people who turned out to be one: the links in old mails lead to who they are now.
merged_subscribers = Table(
    "merged_subscribers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _ref("subscriber_id", "subscribers.id"),
    Index(None, "subscriber_id"),
)

#: Not to be mailed, and why. Only a keyed hash of the address, so that it outlives the erasure of the person.
suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", Words, primary_key=True),
    Column("reason", Words, nullable=False),
    _at("created_at", nullable=False),
    _import("import_id"),  # that made it, if nothing has confirmed it since
    Index(None, "reason", "created_at", "address_hash"),
)

# As text, and not as bound values, so that SQLite sees that the partial indexes hold what is asked for.
HAS_KEY = text("key IS NOT NULL")
IS_NOBODYS = text("subscriber_id IS NULL")
IS_DUE = text("state IN ('queued', 'deferred')")
IS_HELD = text("state IN ('claimed', 'armed')")

#: The outbox: every message we still owe, and what became of the rest. A campaign's rows are made a million at a time and
#: each is moved three times: an index is here only if it is small, or grows at its end. So a reader's messages are found by
#: campaign and reader, and `subscriber_id` is no foreign key: deleting a reader would search the whole table for it.
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    _ref("campaign_id", "campaigns.id", nullable=True),
    Column("subscriber_id", Integer),
    _ref("list_id", "lists.id"),
    _ref("edition_id", "editions.id", on_delete="NO ACTION"),  # else forgetting an edition would unbalance accounts
    Column("key", Words),  # for a mail of its own: what it answers, so that it is made once
    Column("purpose", Words, nullable=False),  # the mail's template folder, or "test"
    Column("address", Words, nullable=False),
    Column("address_hash", Words, nullable=False),
    _text("name"),
    _text("slots"),  # JSON; "" for none, as in all of a campaign: reading a million of them takes its time
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    _at("due_at", nullable=False),
    _text("lease_owner"),
    _at("lease_until"),
    _at("created_at", nullable=False),
    _at("armed_at"),
    _at("settled_at"),
    Column("reply_code", Integer, nullable=False, server_default="0"),
    _text("reply_status"),
    _text("reply_text"),
    _text("relay"),  # which of several was asked last
    UniqueConstraint("campaign_id", "subscriber_id"),
    Index("ix_messages_due", "campaign_id", "due_at", "id", sqlite_where=IS_DUE, postgresql_where=IS_DUE),
    # By number, not by state: on PostgreSQL arming would else read the traces of all that were held before.
    Index("ix_messages_held", "id", sqlite_where=IS_HELD, postgresql_where=IS_HELD),
    Index("uq_messages_key", "key", unique=True, sqlite_where=HAS_KEY, postgresql_where=HAS_KEY),
    # An erasure finds the mails to an address that belong to no subscriber.
    Index("ix_messages_nobodys", "address_hash", sqlite_where=IS_NOBODYS, postgresql_where=IS_NOBODYS),
)

#: Sender processes: what they are doing, told once a second. Rows of those that ended are old, and go.
senders = Table(
    "senders",
    metadata,
    Column("name", Words, primary_key=True),
    Column("state", JSON, nullable=False),
    _at("started_at", nullable=False),
    _at("seen_at", nullable=False),
)

#: How much of a limit on pace was used, a row for each piece of its window: a limit of so many a day outlasts a restart.
pace = Table(
    "pace",
    metadata,
    Column("scope", Words, primary_key=True),
    Column("seconds", Integer, primary_key=True),
    Column("started", BigInteger, primary_key=True, autoincrement=False),  # Unix time
    Column("used", Integer, nullable=False),
)

#: Append-only facts.
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Words, nullable=False),
    _at("at", nullable=False),
    _ref("subscriber_id", "subscribers.id", nullable=True, on_delete="SET NULL"),
    _ref("list_id", "lists.id", nullable=True, on_delete="SET NULL"),
    _ref("message_id", "messages.id", nullable=True, on_delete="SET NULL"),
    Column("detail", JSON, nullable=False),
    Index(None, "subscriber_id"),
    Index(None, "kind", "at"),
)
