"""beehiiv's export of subscribers. `inactive` is who left, or was taken off."""

from digest.audience.imports.fields import CONFIRMED, LEFT, PENDING, Field, Source

SUBSCRIBERS = Source(
    "beehiiv",
    "beehiiv",
    ("email", "status", "tier", "created_at", "stripe_customer_id"),
    {
        "email": Field.EMAIL,
        "First Name": Field.FIRST_NAME,
        "Last Name": Field.LAST_NAME,
        "status": Field.STATE,
        "tier": Field.LABELS,
        "created_at": Field.JOINED_AT,
        "unsubscribed_at": Field.UNSUBSCRIBED_AT,
    },
    states={"active": CONFIRMED, "inactive": LEFT, "pending": PENDING},
)
