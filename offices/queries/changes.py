"""The history of settings in words: which field, what it said, what it says."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import ForeignKey, ManyToManyField
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from offices.models import ApiKey, ChangeKind, SettingChange
from offices.times import clock_time, full_date, office_when, time_needed

NOTHING = "–"
MOST = 200


class Line(NamedTuple):
    """One field of a change; `before` and `after` are words, "–" for nothing."""

    label: str
    before: str
    after: str


def of_row(row):
    """The last changes of one setting, the newest first, in words.

    [{"change", "when", "who", "lines"}]. A change of a setting of several offices is
    kept once for each of them, and told once here.
    """
    found = SettingChange.objects.of(row).select_related("office", "by")
    if isinstance(row, ApiKey):
        found = found.order_by("-at", "name", "kind", "-pk").distinct(
            "at", "name", "kind"
        )
    return [
        {
            "change": change,
            "when": when(change),
            "who": who(change),
            "lines": lines(change),
        }
        for change in found[:MOST]
    ]


def kind_of_setting(change):
    """What the setting is called in general: "opening hours"."""
    return str(apps.get_model(change.model)._meta.verbose_name)


def lines(change):
    """The fields of a change, in the order of the model."""
    model = apps.get_model(change.model)
    return [
        Line(
            _label(model, name),
            _words(model, name, change.before.get(name), change.office),
            _words(model, name, change.after.get(name), change.office),
        )
        for name in _in_order(model, {**change.before, **change.after})
    ]


def fields_named(change):
    """The fields that were changed in one line: "lead time (minutes), status"."""
    if change.kind != ChangeKind.CHANGED:
        return NOTHING
    model = apps.get_model(change.model)
    names = _in_order(model, {**change.before, **change.after})
    return ", ".join(_label(model, name) for name in names)


def when(change):
    """Day and time on the office's clock; of all offices, on the system's."""
    if change.office is None:
        return _spoken(change.at, None)
    return office_when(change.at, change.office)


def who(change):
    """By whom: a name, the system, or somebody whose account is gone."""
    if change.by_id is None:
        return _("The system")
    if change.by is None:
        return _("An account that is gone (number %(number)s)") % {
            "number": change.by_id
        }
    return str(change.by)


def _in_order(model, names):
    known = [field.name for field in (*model._meta.fields, *model._meta.many_to_many)]
    return [n for n in known if n in names] + sorted(set(names) - set(known))


def _field(model, name):
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:  # of an earlier release
        return None


def _label(model, name):
    field = _field(model, name)
    return str(field.verbose_name) if field else name


def _words(model, name, value, office):
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, dict):
        return _in_languages(value)
    field = _field(model, name)
    if isinstance(value, list):
        return ", ".join(_word(field, each, office) for each in value)
    return _word(field, value, office)


def _in_languages(texts):
    """What a TranslationsField holds: "French: Passeport; Spanish: Pasaporte"."""
    names = dict(settings.LANGUAGES)
    words = [
        f"{names.get(code, code)}: {_spoken(t, None)}" for code, t in texts.items()
    ]
    return "; ".join(words)


def _word(field, value, office):
    field = getattr(field, "base_field", None) or field
    choices = dict(getattr(field, "flatchoices", ()))
    if value in choices:
        return str(choices[value])
    return _spoken(_python(field, value), office)


def _python(field, value):
    """The value as the field has it; as it was kept where the field has changed."""
    if field is None or isinstance(field, ArrayField | ForeignKey | ManyToManyField):
        return value
    try:
        return field.to_python(value)
    except ValidationError:
        return value


def _spoken(value, office):
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, timedelta):
        return time_needed(value)
    if isinstance(value, datetime):
        local = timezone.localtime(value, office.zone if office else None)
        return f"{full_date(local.date())}, {clock_time(local.time())}"
    if isinstance(value, date):
        return full_date(value)
    if isinstance(value, time):
        return clock_time(value)
    return strip_tags(str(value))
