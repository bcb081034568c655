"""What comes back, as values: a mail's bytes → what it says and which of our mails it is about. Strangers write these mails: whatever
they hold, nothing here raises, fetches or decides.

    report.py   a delivery report (RFC 3464) or a complaint (RFC 5965) → Report
    inbox.py    where such mails wait: maildir.py, imap.py
"""
