"""Set-up, test and benchmark runners; run from the Makefile."""
