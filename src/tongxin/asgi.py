"""What the web server imports: the application, made in each of its processes."""

import gc
import os

from fastapi import FastAPI

from tongxin import app, config


def create() -> FastAPI:
    """The application on DATABASE_URL."""
    return _settled(app.make_app(config.settings(), os.environ["DATABASE_URL"]))


def create_portal() -> FastAPI:
    """The residents' pages alone."""
    return _settled(app.make_portal(config.settings(), os.environ["DATABASE_URL"]))


def _settled(made: FastAPI) -> FastAPI:
    gc.collect()
    gc.set_threshold(20_000, 20, 20)  # requests leave next to nothing in cycles
    gc.freeze()  # routes, templates and models live as long as the process; do not look at them again and again
    return made
