"""The edges of Marelle."""
