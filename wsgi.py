"""The WSGI entry: `app` for any server that wants one."""

from portal import create_app

app = create_app()
