"""Marelle's tests: one folder a suite (see scripts/run_tests.py), real engines, nothing skipped."""
