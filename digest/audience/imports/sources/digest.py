"""Our own export, from which the same state is made again: CSV, and JSON Lines with the same names."""

from digest.audience.imports.fields import CONFIRMED, LEFT, PENDING, Field, Source

#: The columns, in their order. Each is called as the field that it holds.
EXPORTED = (
    Field.EMAIL,
    Field.NAME,
    Field.LANGUAGE,
    Field.NOTE,
    Field.JOINED_AT,
    Field.LIST,
    Field.STATE,
    Field.TOPICS,
    Field.RHYTHM,
    Field.WEEKDAY,
    Field.HOUR,
    Field.ZONE,
    Field.FRAME_LANGUAGE,
    Field.FORM,
    Field.PAUSED_UNTIL,
    Field.CONSENT_SOURCE,
    Field.CONSENT_TEXT,
    Field.CONSENT_AT,
    Field.CONSENT_NETWORK,
    Field.CONFIRMED_AT,
    Field.UNSUBSCRIBED_AT,
    Field.SUPPRESSED,
    Field.SUPPRESSED_AT,
    Field.ADDRESS_HASH,
)

EXPORT = Source(
    "import",
    "digest",
    ("email", "list", "state", "consent_network", "address_hash"),
    {str(each): each for each in EXPORTED},
    states={"confirmed": CONFIRMED, "pending": PENDING, "unsubscribed": LEFT},
    ours=True,
)
