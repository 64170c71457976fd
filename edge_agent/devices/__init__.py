"""Devices: bytes → protocol → device. One file a driver, with its own config model, fixture and test."""
