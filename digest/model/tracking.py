"""What stands in web addresses beside the page: parameters that count clicks, and links that only lead to another address.

A table to maintain: a name belongs here when it names a click, a mail or a campaign and never what is shown. The names are
those that the services document for their own links; the first word of each group says whose they are.
"""

TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "pk_", "hsa_", "vero_", "at_", "ns_", "guce_", "mkt_", "__hs")

_NAMES = {
    "Google": "_ga _gl dclid gad_campaignid gad_source gbraid gclid gclsrc srsltid wbraid",
    "Google Analytics, old": "ga_campaign ga_content ga_medium ga_source ga_term",
    "Facebook, Instagram": "fb_action_ids fb_action_types fb_ref fb_source fbclid igsh igshid mibextid",
    "Microsoft, MSN": "cvid msclkid ocid",
    "others' ads and shares": "epik irclickid li_fat_id twclid ttclid yclid __twitter_impression _openstat rb_clickid",
    "mail services": """
        _branch_match_id _hsenc _hsmi ceid ck_subscriber_id dm_i emci emdi hsctatracking mc_cid mc_eid oly_anon_id
        oly_enc_id wickedid
    """,
    "ad servers": "cmpid ef_id s_cid s_kwcid trk trkcampaign wt_mc xtor",
    "newspapers' own": "ftag guccounter ito mbid ncid smid smtyp sref taid wpsrc",
}
TRACKING_NAMES = frozenset(name for group in _NAMES.values() for name in group.split())

#: Names that can mean anything; with one of these values they say that a feed was the way here.
FEED_NAMES = frozenset({"emc", "from", "mod", "partner", "ref", "source", "src"})
FEED_VALUES = frozenset({"atom", "feed", "feeds", "rss", "rss2", "rss_feed", "rssfeed"})

#: A parameter that asks for the page in another dress.
AMP_PARAMETERS = frozenset({"amp", "amp=1", "amp=true", "amp=", "output=amp", "outputtype=amp"})

#: Hosts (without `www.`) and paths of links that only lead on, and the parameter that holds where to.
REDIRECTORS = {
    "google.com/url": ("url", "q"),
    "bing.com/news/apiclick.aspx": ("url",),
    "l.facebook.com/l.php": ("u",),
    "lm.facebook.com/l.php": ("u",),
    "l.instagram.com/": ("u",),
    "youtube.com/redirect": ("q",),
    "linkedin.com/redir/redirect": ("url",),
    "out.reddit.com/": ("url",),
    "vk.com/away.php": ("to",),
    "t.umblr.com/redirect": ("z",),
    "steamcommunity.com/linkfilter": ("url", "u"),
    "slack-redir.net/link": ("url",),
    "getpocket.com/redirect": ("url",),
    "flipboard.com/redirect": ("url",),
    "disq.us/url": ("url",),
    "exit.sc/": ("url",),
}

#: Hosts whose every address only leads on, and only they know where to.
SHORTENERS = frozenset(
    {
        *("bit.ly", "buff.ly", "cutt.ly", "dlvr.it", "goo.gl", "ift.tt", "is.gd", "j.mp", "lnkd.in", "ow.ly", "rb.gy"),
        *("rebrand.ly", "shar.es", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "trib.al", "v.gd", "wp.me"),
        *("feedproxy.google.com", "feeds.feedblitz.com", "rss.feedsportal.com"),
    }
)
