"""The live stream of the screens."""
