"""A change of hours and those whom it would hurt, decided together.

`changes.respond()` saves a change that hurts nobody; else it shows the page on which
somebody decides what becomes of each appointment. Nothing is saved until then.
"""
