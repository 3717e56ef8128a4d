"""Readers that send frames over a serial line by themselves."""
