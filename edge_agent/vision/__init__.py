"""Cameras: faces of those who asked for it, and anonymous people crossing lines.

Only what has a camera installs OpenCV (`requirements/vision.txt`); modules that import it are imported when a camera
or an engine is built, never by the agent's start. Raw frames stay in memory, always.
"""
