"""Recognised arrivals: somebody who asked to be recognised may be here. A greeting prompts a person, never decides."""
