"""Revision 0004, one file a family of nouns."""
