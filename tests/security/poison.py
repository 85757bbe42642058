"""Every text that anybody writes, as somebody would who wishes others ill.

It goes into the rows themselves, past the forms: what has come in by another way, an
import or a mistake, must do no harm either.
"""

from django.apps import apps
from django.core.validators import URLValidator
from django.db import DatabaseError, models, transaction

OURS = {"accounts", "offices", "availability", "appointments", "notifications"}
SCRIPT = "'\"></a></script><script>alert(1)</script><img src=x onerror=alert(1)>"
TEMPLATE = "{{ 1|add:62673 }}{% now 'Y' %}"
LINE = "\nX-EVIL:1\r\nBcc: evil@example.org"
BURIED = SCRIPT + TEMPLATE + LINE
MAILBOX = '"<img src=x onerror=alert(1)>"@example.org'  # valid, as RFC 5321 has it

SIGNS = ("<script>alert", "<img src=x", "62674")

# What no person writes: keys, secrets, codes, and what the system says of itself.
NOT_WRITTEN = {
    *("code", "country", "digest", "holder", "key", "language", "model", "old_secret"),
    *("page", "password", "prefix", "provider_id", "reference", "request_id"),
    *("secret", "slug", "source", "source_id", "subdivision", "time_zone", "token"),
}
TEMPLATES = {"notifications.messagetemplate"}  # their words are templates


def written(model):
    """The fields of a model that hold a text of somebody's."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.GeneratedField)
        and not any(isinstance(v, URLValidator) for v in field.validators)
        and not field.choices
        and field.name not in NOT_WRITTEN
    ]


def translations(model):
    return [f for f in model._meta.concrete_fields if f.name.endswith("_translations")]


def poison():
    """Add the worst to each text of each row; returns {"label.field"} where it is."""
    done = set()
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for row in model._base_manager.all():
                for field in written(model):
                    text = worst(model, field, getattr(row, field.name) or "")
                    done |= put(row, field, text)
                for field in translations(model):
                    done |= put(row, field, {"de": BURIED, "fr": BURIED})
    return done


def worst(model, field, text):
    if isinstance(field, models.EmailField):
        return MAILBOX
    bad = SCRIPT if model._meta.label_lower in TEMPLATES else BURIED
    room = (field.max_length or 10_000) - len(text)
    return text + bad[: max(room, 0)]


def put(row, field, value):
    """Past all rules but those of the database, which may refuse."""
    rows = type(row)._base_manager.filter(pk=row.pk)
    try:
        with transaction.atomic():
            rows.update(**{field.name: value})
    except DatabaseError:
        return set()
    return {f"{row._meta.label_lower}.{field.name}"}
