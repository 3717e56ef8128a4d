"""Revision 0006: how people were found when it was written."""
