"""The WSGI application, for a server of one's own choice: `gunicorn wsgi:app`."""

from referencing import worker
from referencing.app import create_app
from referencing.base import db
from referencing.config import Settings

settings = Settings.from_environment()
db.upgrade(db.database_url(settings))
app = create_app(settings)
if settings.broker_url is None:
    worker.start(settings, app.extensions["meters"])
