"""Encryption: key file, data keys, seal and open, blind indexes. Imports nothing of the portal."""
