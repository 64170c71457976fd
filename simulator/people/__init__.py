"""People: visitors at the door and the kiosk, consultants at their tablets. They act only as people and devices can."""
