"""Entries → what is new. Pure: `decide` is the rule, `identity` the keys; `summary`, `sentences` and `text` make it readable."""
