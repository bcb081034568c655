"""Substack's `email_list`, in the layouts of three times. Who pays is not looked at; who has e-mail disabled has left."""

from digest.audience.imports.fields import Field, Source

_COLUMNS = {"email": Field.EMAIL, "email_disabled": Field.DISABLED, "created_at": Field.JOINED_AT}

NOW = Source(
    "substack", "Substack", ("email", "active_subscription", "email_disabled", "plan", "first_payment_at"), _COLUMNS
)
BEFORE = Source(
    "substack", "Substack, an older layout", ("email", "active_subscription", "expiry", "email_disabled"), _COLUMNS
)
OLD = Source(
    "substack", "Substack, the oldest", ("email", "expiry", "email_disabled", "stripe_connected_customer_id"), _COLUMNS
)
