"""What things are: frozen values, enums and their legal moves. Standard library only; imports nothing of ours.

One file per noun. Nothing here reads a clock, a file, a socket or dice, so that every rule can be tested without a fixture.
"""
