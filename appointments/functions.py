from django.db.models import BooleanField, Func, TextField


class Digits(Func):
    """Only the digits of a text: of "+49 89/233-0" it is "49892330"."""

    function = "regexp_replace"
    template = "%(function)s(%(expressions)s, '[^0-9]', '', 'g')"
    output_field = TextField()


class Unsupported(Func):
    """Whether quarters of a host's day lie outside its hours: (host, day, quarters)."""

    output_field = BooleanField()
    conditional = True

    def as_sql(self, compiler, connection, **extra):
        host, day, quarters = (
            compiler.compile(e) for e in self.get_source_expressions()
        )
        sql = (
            "NOT EXISTS (SELECT FROM availability_hostday AS kept"
            f" WHERE kept.host_id = {host[0]} AND kept.day = {day[0]}"
            f" AND {quarters[0]} & ~kept.open = 0::bit(100))"  # nosec B608 # from Django
        )
        return sql, [*host[1], *day[1], *quarters[1]]
