"""Entries → what is new. Pure: `decide` is the rule, `identity` the keys; `summary`, `sentences` and `text` make it readable.

Articles → stories: `similarity` finds copies of one, `likeness` is the rule, `terms` what it compares.
"""
