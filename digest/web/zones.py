"""The time zones that a form offers. A browser adds its own, if it is not among them; any IANA name is taken."""

_NAMES = """
    Africa/Cairo Africa/Johannesburg Africa/Lagos Africa/Nairobi
    America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Chicago America/Denver America/Halifax
    America/Lima America/Los_Angeles America/Mexico_City America/New_York America/Santiago America/Sao_Paulo
    America/St_Johns America/Toronto
    Asia/Baghdad Asia/Bangkok Asia/Dhaka Asia/Dubai Asia/Hong_Kong Asia/Jakarta Asia/Jerusalem Asia/Karachi
    Asia/Kathmandu Asia/Kolkata Asia/Manila Asia/Riyadh Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Taipei Asia/Tehran
    Asia/Tokyo
    Atlantic/Azores Atlantic/Reykjavik
    Australia/Adelaide Australia/Brisbane Australia/Perth Australia/Sydney
    Europe/Athens Europe/Berlin Europe/Brussels Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kyiv Europe/Lisbon
    Europe/London Europe/Madrid Europe/Moscow Europe/Paris Europe/Rome Europe/Stockholm Europe/Vienna Europe/Warsaw
    Europe/Zurich
    Pacific/Auckland Pacific/Honolulu UTC
"""
ZONES = tuple(_NAMES.split())
