"""Pages by cursor: each costs the same, and none skips or repeats a row.

A cursor names the last row seen by its value and its id, so rows that come and go
between two requests do no harm, and no page counts what lies before it.
"""

from functools import reduce

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

FORWARD, BACKWARD = "next", "previous"


class CursorPages(BasePagination):
    """Orders by one of the view's `ordering_fields`, then by id.

    The view says `ordering_fields`, columns of the model that are never null, and
    `ordering`, the one by default (with "-" for the last first).
    """

    def paginate_queryset(self, queryset, request, view=None):
        self.url = request.build_absolute_uri()
        limit = self._limit(request)
        self.field, descending = self._ordering(request, view)
        direction, seen = self._decode(request, queryset.model)
        backward = direction == BACKWARD
        found = self._beyond(queryset, seen, descending != backward)[: limit + 1]
        rows, more = list(found)[:limit], len(found) > limit
        if backward:
            rows.reverse()
        has_next, has_previous = (True, more) if backward else (more, bool(seen))
        self.next = self._link(FORWARD, rows[-1]) if rows and has_next else None
        self.previous = self._link(BACKWARD, rows[0]) if rows and has_previous else None
        return rows

    def get_paginated_response(self, data):
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema):
        link = {"type": ["string", "null"], "format": "uri"}
        following = "https://appointments.example.org/api/v1/offices?cursor=WyJuZXh0Ig"
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "example": following},
                "previous": {**link, "example": None},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view):
        fields = sorted(getattr(view, "ordering_fields", []))
        most = settings.API_PAGE_SIZE_LIMIT
        parameters = [
            _parameter(
                "cursor", "From `next` or `previous` of another page.", type="string"
            ),
            _parameter(
                "limit",
                "How many a page.",
                type="integer",
                minimum=1,
                maximum=most,
                default=settings.API_PAGE_SIZE,
            ),
        ]
        if fields:
            names = [*fields, *(f"-{name}" for name in fields)]
            parameters.append(
                _parameter(
                    "ordering",
                    "By what; with `-` the last first.",
                    type="string",
                    enum=names,
                    default=view.ordering,
                )
            )
        return parameters

    def _limit(self, request):
        asked = request.query_params.get("limit")
        if asked is None:
            return settings.API_PAGE_SIZE
        most = settings.API_PAGE_SIZE_LIMIT
        if asked.isascii() and asked.isdecimal() and 1 <= int(asked[:9]) <= most:
            return int(asked[:9])
        raise ValidationError({"limit": _("Ask for 1 to {} a page.").format(most)})

    def _ordering(self, request, view):
        default = getattr(view, "ordering", "pk")
        asked = request.query_params.get("ordering", default)
        allowed = getattr(view, "ordering_fields", [])
        if asked != default and asked.removeprefix("-") not in allowed:
            names = ", ".join(sorted(allowed))
            raise ValidationError({"ordering": _("Order by: {}.").format(names)})
        return asked.removeprefix("-"), asked.startswith("-")

    def _beyond(self, queryset, seen, descending):
        """The rows after the one seen, in order, by a condition an index serves."""
        sign, beyond = ("-", "lt") if descending else ("", "gt")
        ordered = queryset.order_by(f"{sign}{self.field}", f"{sign}pk")
        if seen is None:
            return ordered
        value, pk = seen
        field = self.field
        return ordered.filter(
            Q(**{f"{field}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk}),
            **{f"{field}__{beyond}e": value},
        )

    def _link(self, direction, row):
        value = reduce(getattr, self.field.split("__"), row)
        if not isinstance(value, int | str):
            value = str(value)
        cursor = [direction, _name(type(row), self.field), value, str(row.pk)]
        text = signing.Signer(salt=__name__).sign_object(cursor)
        return replace_query_param(self.url, "cursor", text)

    def _decode(self, request, model):
        """The way to go, and the value and id of the row seen; None to begin."""
        text = request.query_params.get("cursor")
        if text is None:
            return FORWARD, None
        try:
            direction, name, value, pk = signing.Signer(salt=__name__).unsign_object(
                text
            )
        except (signing.BadSignature, ValueError):
            name = None
        if name != _name(model, self.field):
            raise ValidationError(
                {"cursor": _("This is no cursor of this list in this order.")}
            )
        seen = _to_python(model, self.field, value), model._meta.pk.to_python(pk)
        return direction, seen


def _name(model, field):
    return f"{model._meta.label_lower}.{field}"


def _to_python(model, path, value):
    """A value as the column at the end of the path holds it."""
    if path == "pk":
        return model._meta.pk.to_python(value)
    *relations, name = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return model._meta.get_field(name).to_python(value)


def _parameter(name, description, **schema):
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }
