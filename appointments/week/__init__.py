"""The calendar of an office: a week of one host or of all, and how hours change.

`weeks` names weeks, `rows` lays days out on one scale of time, `hours` is the
arithmetic of a day's hours; `facts` reads what is known, `days` and `overview` tell
it; `forms` and `changes` work out what a change of hours writes. Nothing here writes:
appointments.impact does, after it has shown whom a change hurts.
"""
