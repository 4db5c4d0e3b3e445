"""The web process: `gunicorn wsgi:app`."""

from api.app import create_app

app = create_app(follows_tasks=True)
