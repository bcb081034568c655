"""A self-hosted newsletter: many feeds in, one beautiful digest out, nobody lost."""

__version__ = "0.1.0"
