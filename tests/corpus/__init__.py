"""feedparser's own test feeds as a corpus for our parser. They are fetched by a command and never committed."""
