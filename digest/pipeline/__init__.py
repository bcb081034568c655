"""The six steps, where stations meet the store. This is the map: read it first, then one file per step.

    refresh   for each feed (several at once):          sources.read_feed, and articles.gist where it parses
                                                        → articles.decide → store, one transaction a feed
    assemble  for one (list, period):                   store → articles.stories → issues.assemble → store a draft, one transaction
              desk: an editor's wishes, kept by themselves and applied at each drafting; hold, approve
    publish   for one draft:                            pictures: sources.read_picture, not yet kept ones only
                                                        cursors → issues.editions (who gets what) → render each, so that it fits
                                                        → lint: a failure ends it here
                                                        → store: freeze the audience, fill the outbox
    deliver   until nothing is due, on many connections at once (sending: the event loop):
                  claim rows                             ledger: one transaction
                  compose each (edition bytes + slots)   hand, compose: no transaction
                  offer: MAIL, RCPT, DATA, body          line: SMTP, no transaction
                  arm those that wait for their dot      ledger: one transaction, with the outcomes of others;
                                                         who has left is suppressed here
                  release the dots; replies come in      line: SMTP, no transaction
                  settle                                 ledger: with the next arming; refusals: failures
              beside it: fleet (relays), tempo (pace), outcomes (who must know), pulse (once a second), canary, progress
    brake     pause, resume, stop and retry, for operators
    withdraw  a published issue from the web, for editors
    draft, approve    by hand; approve and publish refuse what was changed since an editor saw it
    proof     an issue as it would be mailed, for who only looks
    outlook, watch, report    what comes next, what goes out just now, what became of it
    absorb    a mail that came back                      feedback.read_report → links: which message → failures: an event, a suppression
    care      a day before an issue:                    articles.health → a mail to its operator, when feeds need care
    prune     old tokens, pictures of no issue           a transaction a batch

    tick      what the timetable calls: for each list whose slot has come, compare-and-set its next slot,
              then refresh, assemble and publish; deliver drains the outbox
              ahead: hours before the slot, refresh and assemble, and a mail to the editors

Every step may be run twice and killed at any line: repeats are made impossible by constraints (articles by identity,
issues by (list, period), messages by (campaign, subscriber) or by their own key), not avoided by care.
"""
