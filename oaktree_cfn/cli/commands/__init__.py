"""One file, one command; each has ``command``, a click command."""
