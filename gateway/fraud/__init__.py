"""Signals of fraud: numbers shown to the manager beside verdicts, deciding nothing (domain.md, Attribution)."""
