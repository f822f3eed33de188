"""The printed sheet: one geometry, printed with stamps and read back from a phone photo."""
