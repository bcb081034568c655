"""One file for each race: what is held against what, and how."""

from bench.race import Race
from bench.races import bring, desk, door, far, feeds, many, processes, signed, unsigned

RACES: dict[str, Race] = {
    race.name: race
    for race in (
        unsigned.RACE,
        signed.RACE,
        far.RACE,
        many.RACE,
        processes.ENGINES,
        processes.RACE,
        feeds.RACE,
        door.RACE,
        bring.RACE,
        bring.ON_POSTGRESQL,
        desk.RACE,
        desk.ON_POSTGRESQL,
    )
}
