"""The office-in-a-box: a whole sales office and a head office on one machine, started, watched and stopped as one."""
