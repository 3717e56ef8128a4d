"""The words and rules of the trade, pure: no input or output, no framework (house rule 4)."""
