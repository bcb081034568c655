"""Ghost's export of members. Who does not get e-mails, or is deleted, has left."""

from digest.audience.imports.fields import Field, Source

MEMBERS = Source(
    "ghost",
    "Ghost",
    ("email", "subscribed_to_emails", "complimentary_plan", "created_at"),
    {
        "email": Field.EMAIL,
        "name": Field.NAME,
        "note": Field.NOTE,
        "subscribed_to_emails": Field.WANTS_MAIL,
        "created_at": Field.JOINED_AT,
        "deleted_at": Field.UNSUBSCRIBED_AT,
        "labels": Field.LABELS,
    },
)
