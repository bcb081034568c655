"""Alembic's scripts, shipped in the wheel. Run by `digest db upgrade`; there is no alembic.ini."""
