"""Screens of registrars, operators, leaders and education authorities."""
