"""Following boxes from picture to picture by where they are and how they move. Pure: no pixels, no clock, no random."""
