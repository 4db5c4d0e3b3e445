"""The blueprint all routes hang on: an unknown name is an error in the query as in the body."""

import flask_smorest
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser


class Arguments(FlaskParser):
    """Reads what comes in; a misspelt filter must not silently filter nothing."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with our reading of arguments."""

    ARGUMENTS_PARSER = Arguments()
