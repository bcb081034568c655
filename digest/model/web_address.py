"""A web address, and the one spelling under which two of them are the same page (RFC 3986 §6, IDNA of RFC 3490).

The canonical spelling is a key to compare by, not a link to follow: readers get the address that the feed gave.
"""

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

_PLAIN_PORTS = {None, 80, 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?|\[[0-9a-f:.]+\]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 §2.3
_KEPT = "%!$&'()*+,;=:@/?-._~"  # what `quote` must leave alone in a path or query

_TRACKING_PREFIXES = ("utm_", "mtm_", "hsa_", "vero_", "piwik_")
#: Each names a click, a mail or a campaign, and never what is shown.
_TRACKING_NAMES = """
    _branch_match_id _ga _gl _hsenc _hsmi _openstat at_campaign at_medium ck_subscriber_id cmpid dclid dm_i ef_id
    epik fb_action_ids fb_action_types fb_ref fb_source fbclid ga_campaign ga_content ga_medium ga_source ga_term
    gad_campaignid gad_source gbraid gclid gclsrc igsh igshid irclickid li_fat_id mc_cid mc_eid mkt_tok msclkid ncid
    oly_anon_id oly_enc_id pk_campaign pk_cid pk_content pk_keyword pk_kwd pk_medium pk_source rb_clickid s_cid
    s_kwcid srsltid ttclid twclid wbraid wickedid wt_mc xtor yclid
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())


def is_web_address(url: str) -> bool:
    """Whether it is an absolute http or https address with a host that can be one."""
    return canonical_url(url) != ""


@lru_cache(8_192)
def canonical_url(url: str) -> str:
    """The spelling to compare by; "" when it is no absolute http(s) address. Applying it twice changes nothing.

    One page: http and https, host in any case or alphabet, the ports 80 and 443, a user name, a fragment, tracking
    parameters, the order of parameters of different names, a slash at the end of a path, and escapes that stand for
    plain characters. Two pages: anything else, for instance another case in the path or a doubled slash inside it.
    A fragment that is a route (`#!/a`, `#/a`) stays, since it is the page's real path there.
    """
    parts = _split(url)
    host = _host(parts) if parts else ""
    if parts is None or not host:
        return ""
    path = _spell(parts.path).rstrip("/") or "/"
    query = _query(parts.query)
    fragment = _spell(parts.fragment) if parts.fragment.startswith(("!", "/")) else ""
    return f"https://{host}{path}" + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # a broken IPv6 host, or a host that turns into another address under NFKC
        return None
    return parts if parts.scheme.lower() in {"http", "https"} else None


def _host(parts: SplitResult) -> str:
    """The host with its port unless that is a plain one; "" when it cannot be a host.

    Mobile and AMP hosts (`m.`, `amp.`) would be folded here.
    """
    try:
        name, port = _ascii(parts.hostname or ""), parts.port
    except ValueError:  # a port that is no number, or a label that no alphabet writes
        return ""
    if not _HOST.fullmatch(name):
        return ""
    return name if port in _PLAIN_PORTS else f"{name}:{port}"


def _ascii(host: str) -> str:
    if ":" in host:
        return f"[{host.lower()}]"
    name = host if host.isascii() else host.encode("idna").decode()
    return name.lower().rstrip(".")


def _query(query: str) -> str:
    """Sorted by name; parameters of one name keep their order, which can matter (`?tag=a&tag=b`)."""
    parameters = [_spell(part) for part in query.split("&") if part and not _is_tracking(part)]
    return "&".join(sorted(parameters, key=_name))


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _is_tracking(parameter: str) -> bool:
    name = _name(_spell(parameter)).lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _spell(text: str) -> str:
    """One spelling of escapes (RFC 3986 §6.2.2): plain characters bare, all else escaped in upper case."""
    plain = _ESCAPE.sub(_unescape_unreserved, _STRAY_PERCENT.sub("%25", text))
    return quote(plain, safe=_KEPT, errors="surrogatepass")


def _unescape_unreserved(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()
