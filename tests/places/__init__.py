"""Questions of place that no page can show alone, asked of the services themselves: the rest of `make mutants`.

One file per module of the portal, named after it.
"""
