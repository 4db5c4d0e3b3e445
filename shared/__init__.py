"""The floor every room stands on: errors, clock, ids, database, queue, geo, sealing, words.

Nothing here knows a person, a task or a coin. Import the file itself:
`from shared.errors import Conflict`.
"""
