"""listmonk's export of subscribers, which does not say of which lists they are, and the file that it imports itself."""

from digest.audience.imports.fields import BLOCKED, CONFIRMED, LEFT, Field, Source

_COLUMNS = {"email": Field.EMAIL, "name": Field.NAME, "attributes": Field.LABELS}

EXPORT = Source(
    "listmonk",
    "listmonk",
    ("uuid", "email", "name", "attributes", "status"),
    _COLUMNS | {"status": Field.STATE, "created_at": Field.JOINED_AT},
    states={"enabled": CONFIRMED, "disabled": LEFT, "blocklisted": BLOCKED},
)
TO_IMPORT = Source("listmonk", "listmonk, a file to import", ("email", "name", "attributes"), _COLUMNS)
