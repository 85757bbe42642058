from django.db.models import Func, TextField


class Fold(Func):
    """Text as search compares it: lower case, without accents.

    `offices_fold` is an immutable wrapper of PostgreSQL's unaccent, made by the
    first migration, so that an index and a generated column may use it.
    """

    function = "offices_fold"
    output_field = TextField()
