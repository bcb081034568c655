"""Runs the timetable: reads the feeds, drafts each list's issue at its time, and sends it. Stop it with Ctrl-C."""

from digest.timetable import main

if __name__ == "__main__":
    main()
