"""The only place that speaks SQL: one file of queries per noun, on SQLite and on PostgreSQL.

    store = open_store("sqlite:///subscribers.db")
    with store.write() as tx:                      # BEGIN IMMEDIATE; commits at the end, rolls back on an exception
        row = tx.lists.by_name("weekly")

What comes out are frozen values of `digest.model`, never rows or sessions. Errors of the database come out as DigestError
or TryLater in words. No network is ever spoken to while a transaction is open (house rule 1).
"""

from digest.store.engine import Store, open_store
from digest.store.transaction import Transaction

__all__ = ["Store", "Transaction", "open_store"]
