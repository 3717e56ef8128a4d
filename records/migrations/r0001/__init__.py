"""The tables of revision 0001, one file per family of nouns as in records.models; frozen."""
