"""Faults done on purpose to a real server: killed, without power, without room, without its database.

Each is also done to servers that are broken in one known way, which the same test must notice.
"""
