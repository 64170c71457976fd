"""The office's nodes and devices: what they last said of themselves, and commands to them."""
