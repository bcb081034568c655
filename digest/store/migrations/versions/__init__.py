"""One file per revision; what a release has shipped is never edited."""
