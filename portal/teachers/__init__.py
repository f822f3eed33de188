"""Screens of class teachers."""
