"""Readers that type the badge number as a keyboard would."""
