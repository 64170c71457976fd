"""What the floor board and the console share: pure markup, durations that tick in the browser, language and theme."""
