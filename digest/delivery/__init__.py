"""From an e-mail to a reply: the next hop, behind one seam.

    transport   the seam: offer (all but the dot), release (the dot), and events that tell what became of it
    content     a message as it goes on the wire
    dkim        signatures in front of it
      relaxed     what of a message is signed, canonical
      dkim_keys   keys: made, read, checked, and their DNS records
    set_up      to a relay: dial, greet, secure, log in
    smtp        then one message after another, pipelined
      relay     where the relay is and how we may speak to it
      wire      a socket; what cannot be understood ends the conversation
      replies   bytes → replies, without a socket
    throttle    how fast we may speak: limits, brakes, ramp-up
      limits      windows that count, in memory or shared by senders
      relays      health, connections and shares of several relays
    maildir     a folder instead of a relay, for development

Nothing here knows of the store: whoever calls keeps the dot back until it is written down that it may go.
"""

from digest.delivery.transport import Transport


def open_transport(url: str) -> Transport:
    """The next hop at an address: `smtp://…`, `smtps://…` or `maildir:///path`. Raises BadSetting in words."""
    if url.startswith("maildir:"):
        from digest.delivery.maildir import MaildirTransport, parse_maildir  # noqa: PLC0415  one of the two is enough

        return MaildirTransport(parse_maildir(url))
    from digest.delivery.relay import parse_relay  # noqa: PLC0415  the same
    from digest.delivery.set_up import SmtpTransport  # noqa: PLC0415  the same

    return SmtpTransport(parse_relay(url))
