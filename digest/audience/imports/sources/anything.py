"""Any other file with a column of addresses, by the headers that are common."""

from digest.audience.imports.fields import BLOCKED, CLEANED, COMPLAINED, CONFIRMED, LEFT, PENDING, Field, Source

#: The best names of a field first: where a file has several of them, that one is taken.
_NAMES = {
    Field.EMAIL: (
        "email",
        "email address",
        "subscriber email",
        "mail",
        "mail address",
        "address",
    ),  # last: may be postal
    Field.NAME: ("name", "full name", "display name"),
    Field.FIRST_NAME: ("first name", "given name"),
    Field.LAST_NAME: ("last name", "surname", "family name"),
    Field.LANGUAGE: ("language", "lang", "locale"),
    Field.NOTE: ("note", "notes"),
    Field.LABELS: ("labels", "tags"),
    Field.LIST: ("list",),
    Field.STATE: ("state", "status"),
    Field.SUPPRESSED: ("suppressed",),
    Field.CONSENT_SOURCE: ("consent source",),
    Field.CONSENT_TEXT: ("consent text",),
    Field.CONSENT_AT: ("consent at", "opt-in time"),
    Field.CONSENT_IP: ("opt-in ip",),
    Field.JOINED_AT: ("joined at", "created at", "subscribed at"),
    Field.CONFIRMED_AT: ("confirmed at", "confirm time"),
    Field.CONFIRM_IP: ("confirm ip",),
    Field.UNSUBSCRIBED_AT: ("unsubscribed at", "unsub time"),
    Field.DISABLED: ("email disabled",),
    Field.WANTS_MAIL: ("subscribed to emails",),
}

ANYTHING = Source(
    "import",
    "a table",
    (),
    {name: what for what, names in _NAMES.items() for name in names},
    states={
        **dict.fromkeys(("confirmed", "subscribed", "active", "enabled"), CONFIRMED),
        **dict.fromkeys(("pending", "unconfirmed"), PENDING),
        **dict.fromkeys(("unsubscribed", "inactive", "disabled"), LEFT),
        **dict.fromkeys(("cleaned", "bounced"), CLEANED),
        "complained": COMPLAINED,
        "blocklisted": BLOCKED,
    },
)
