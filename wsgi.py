"""The application as a WSGI server and the `flask` command find it."""

from portal import create_app
from portal.config import Config

app = create_app(Config.from_env())
