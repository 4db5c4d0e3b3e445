"""HTTP only: routes, schemas, who may call, how errors look. No rule of the domain lives here.

One file of routes and one of schemas a noun. A view is a hinge: decorators say who may call,
what comes in and what goes out; the body calls one verb of one room.
"""
