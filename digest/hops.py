"""Next hops and the pace to them, as they are set."""

from collections.abc import Iterable

from digest.delivery import open_transport
from digest.delivery.limits import Limit, parse_limit
from digest.delivery.relays import share_out
from digest.delivery.throttle import Pace, PaceRules, RampUp
from digest.model.errors import BadSetting
from digest.pipeline.fleet import NextHop
from digest.settings import Settings

ONLY = "relay"  # the name of the one that smtp_url is
EVERY = "*"


def open_hops(settings: Settings) -> tuple[NextHop, ...]:
    """Raises BadSetting when there is none, or one cannot be used as it is set."""
    if settings.smtp_url is not None and settings.relays:
        raise BadSetting("There are both smtp_url and relays; keep one of them.")
    if settings.smtp_url is not None:
        transport = open_transport(settings.smtp_url.get_secret_value())
        return (NextHop(ONLY, transport, settings.connections),)
    if not settings.relays:
        raise BadSetting("There is no smtp_url; set it in digest.toml, or DIGEST_SMTP_URL in the environment.")
    _check_names(relay.name for relay in settings.relays)
    shares = share_out(settings.connections, {relay.name: relay.weight for relay in settings.relays})
    return tuple(
        NextHop(
            relay.name,
            open_transport(relay.url.get_secret_value()),
            relay.connections or shares[relay.name],
            relay.weight,
        )
        for relay in settings.relays
    )


def _check_names(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadSetting(f"There are two relays named {name!r}; give each a name of its own.")
        seen.add(name)


def open_pace(settings: Settings) -> Pace:
    """Raises BadSetting for a limit or a ramp-up that is none."""
    domains = {domain.lower(): _limits(said) for domain, said in settings.domain_limits.items()}
    rules = PaceRules(
        relay_limits={relay.name: _limits(relay.limits) for relay in settings.relays if relay.limits},
        domain_limits={domain: limits for domain, limits in domains.items() if domain != EVERY},
        every_domain=domains.get(EVERY, ()),
        ramp_ups={
            each.domain.lower(): RampUp(each.start, each.first_day, each.growth, each.until)
            for each in settings.ramp_ups
        },
    )
    return Pace(rules, shared=True)


def _limits(said: Iterable[str]) -> tuple[Limit, ...]:
    return tuple(map(parse_limit, said))
