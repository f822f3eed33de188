"""Screens of parents and guardians."""
