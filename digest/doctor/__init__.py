"""`digest doctor`: looks at everything that sending mail depends on, and says what to do.

    verdict    one check's outcome: ok, warn or fail, a sentence, and what to do
    names      asks DNS; that it cannot be asked is an answer, too
    mail_dns   SPF, DKIM, DMARC, MX of senders' domains, PTR of the relay
    ways       the relay, the public address, and their certificates
    machine    clock, disk, database, scheduler, backup

Each check is a function that gives findings and never raises for what it looks at. Nothing is changed, and no mail is sent.
"""
