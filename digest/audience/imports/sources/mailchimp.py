"""Mailchimp's export: three files, in one ZIP. What an audience's merge fields are called is its owner's choice; `--map` takes them."""

from digest.audience.imports.fields import CLEANED, CONFIRMED, LEFT, Field, Source

_COLUMNS = {
    "Email Address": Field.EMAIL,
    "First Name": Field.FIRST_NAME,
    "Last Name": Field.LAST_NAME,
    "OPTIN_TIME": Field.CONSENT_AT,
    "OPTIN_IP": Field.CONSENT_IP,
    "CONFIRM_TIME": Field.CONFIRMED_AT,
    "CONFIRM_IP": Field.CONFIRM_IP,
    "NOTES": Field.NOTE,
    "TAGS": Field.LABELS,
}
_ALL = ("Email Address", "OPTIN_TIME", "CONFIRM_TIME")

SUBSCRIBED = Source("mailchimp", "Mailchimp, subscribed", (*_ALL, "LAST_CHANGED"), _COLUMNS, CONFIRMED)
UNSUBSCRIBED = Source(
    "mailchimp",
    "Mailchimp, unsubscribed",
    (*_ALL, "UNSUB_TIME"),
    _COLUMNS | {"UNSUB_TIME": Field.UNSUBSCRIBED_AT},
    LEFT,
)
CLEANED_ONES = Source(
    "mailchimp", "Mailchimp, cleaned", (*_ALL, "CLEAN_TIME"), _COLUMNS | {"CLEAN_TIME": Field.SUPPRESSED_AT}, CLEANED
)
