"""How well the rule that finds copies of a story does on labelled articles: `make stories`."""
