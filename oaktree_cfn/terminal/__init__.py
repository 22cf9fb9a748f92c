"""Reviews, progress and outcomes as text for a terminal. Everything here returns strings or things rich can print."""
