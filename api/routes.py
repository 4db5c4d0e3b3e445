"""Every blueprint of the API, in the order in which the documentation shows them."""

from flask_smorest import Blueprint

ALL: list[Blueprint] = []
