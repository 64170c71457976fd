"""Who works at the office: mastered by central, kept here so that the office works offline."""
