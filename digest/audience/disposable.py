"""Domains that lend addresses for minutes. It is advice: such a sign-up is taken like any other, and its event is marked."""

from digest.model.address import Address

#: The best known ones; there are thousands, and new ones each week. Some people have good reasons to use them.
_NAMES = """
    10minutemail.com 10minutemail.net 20minutemail.com 33mail.com anonaddy.me burnermail.io byom.de cock.li
    discard.email discardmail.com discardmail.de dispostable.com dropmail.me einrot.com emailfake.com emailondeck.com
    fakeinbox.com fakemail.net getairmail.com getnada.com guerrillamail.biz guerrillamail.com guerrillamail.de
    guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com grr.la harakirimail.com
    inboxbear.com inboxkitten.com incognitomail.org jetable.org mail-temp.com mail.tm mailcatch.com maildrop.cc
    mailexpire.com mailinator.com mailinator.net mailnesia.com mailnull.com mailpoof.com mailsac.com meltmail.com
    minuteinbox.com mintemail.com moakt.com mohmal.com mytemp.email mytrashmail.com nada.email owlymail.com
    pokemail.net sharklasers.com spam4.me spambog.com spambox.us spamgourmet.com temp-mail.io temp-mail.org
    tempail.com tempinbox.com tempmail.dev tempmail.net tempmailo.com tempr.email throwawaymail.com trash-mail.com
    trash-mail.de trashmail.com trashmail.de trashmail.me trbvm.com wegwerfemail.de wegwerfmail.de yopmail.com
    yopmail.fr yopmail.net
"""
_DOMAINS = frozenset(_NAMES.split())


def is_disposable(address: Address) -> bool:
    """Of such a domain, or one below it."""
    labels = address.domain.split(".")
    return any(".".join(labels[at:]) in _DOMAINS for at in range(len(labels) - 1))
