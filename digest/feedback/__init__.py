"""What comes back: where such mails wait, and what they say, as values. Strangers write them: whatever they hold, reading one raises nothing,
fetches nothing and decides nothing.

    report.py    a mail's bytes → Report: a delivery report (RFC 3464) or a complaint (RFC 5965)
    inbox.py     where mails wait to be read
    maildir.py   such a place: a folder that a mail server delivers to
    imap.py      another: a mailbox on an IMAP server
"""
