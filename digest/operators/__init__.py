"""Verbs about who runs the newsletter: being let in, what they may do, and how that changes.

log_in        an address and a password, then a code if there is a second factor → a session
sessions      which browsers are let in; whoever's password, role or second factor changes must log in anew elsewhere
accounts      operators are added, invited by a one-time link, given roles, disabled
second_factor six digits that change (RFC 6238), and codes for the day the telephone is lost
api_keys      programs' ways in: shown once, kept hashed, never worth more than their operator
"""
