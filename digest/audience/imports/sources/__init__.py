"""One file for each source of imports, asked in this order; the last takes any file with a column of addresses."""

from digest.audience.imports.fields import Source
from digest.audience.imports.sources import anything, beehiiv, digest, ghost, listmonk, mailchimp, substack

SOURCES: tuple[Source, ...] = (
    digest.EXPORT,
    mailchimp.CLEANED_ONES,
    mailchimp.UNSUBSCRIBED,
    mailchimp.SUBSCRIBED,
    substack.NOW,
    substack.BEFORE,
    substack.OLD,
    ghost.MEMBERS,
    beehiiv.SUBSCRIBERS,
    listmonk.EXPORT,
    listmonk.TO_IMPORT,
)
ANYTHING = anything.ANYTHING
