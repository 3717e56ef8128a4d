"""Revision 0005, one file a family of nouns."""
