"""Revision 0019: month end, runs and invoices."""
