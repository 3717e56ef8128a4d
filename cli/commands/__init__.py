"""The commands of `marelle`, one module a noun."""
