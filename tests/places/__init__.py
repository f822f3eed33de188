"""Questions of place that no page can show alone, asked of the services themselves: what `make mutants` leaves to tests.

One file per module of the portal, named after it.
"""
