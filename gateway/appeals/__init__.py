"""Appeals (申诉) against verdicts: filed by who is concerned, decided once by the office's manager."""
