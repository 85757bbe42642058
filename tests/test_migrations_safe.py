"""A new version's migrations run while the old version still serves people.

So they expand, fill, and contract a release later (docs/operations/upgrade.md).
What is older than BASELINE was released together; everything after it is looked at.
"""

import re

import pytest
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
)
from django.db import connection, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.state import ModelState, ProjectState

OURS = ["accounts", "appointments", "availability", "config", "notifications"]
OURS.append("offices")

# The last migration of each app that the first release has.
BASELINE = {
    "accounts": "0003",
    "appointments": "0010",
    "availability": "0002",
    "config": "0001",
    "notifications": "0009",
    "offices": "0007",
}

# Tables that grow without end: an index on one is built CONCURRENTLY.
BIG = {
    "appointments.appointment",
    "appointments.appointmentevent",
    "availability.hostday",
    "notifications.message",
}

DESTRUCTIVE = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN)|RENAME|(?<!BEFORE\s)TRUNCATE|SET\s+NOT\s+NULL|TYPE)\b",
    re.IGNORECASE,
)

# What may break a rule all the same, and why: "app.0011_name: what".
ALLOWED = {}


def complaints(migration, old_state):
    """What the code of the release before could not live with, as sentences."""
    made_here = set()
    state = old_state.clone()
    for operation in flat(migration.operations):
        if isinstance(operation, CreateModel):
            made_here.add(operation.name_lower)
        model = getattr(operation, "model_name_lower", None)
        if model not in made_here:
            yield from complaint(operation, migration.app_label, model, state)
        operation.state_forwards(migration.app_label, state)


def flat(operations):
    """The operations that touch the database."""
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from flat(operation.database_operations)
        else:
            yield operation


def complaint(operation, app, model, state):
    what = operation.describe()
    is_big = f"{app}.{model}" in BIG
    if isinstance(operation, RemoveField | DeleteModel | RenameField | RenameModel):
        yield f"{what}: the version before still reads it"
    elif isinstance(operation, AddField):
        field = operation.field
        if field.generated:
            if is_big:
                yield f"{what}: the whole table is written anew"
        elif not (field.null or field.many_to_many or field.has_db_default()):
            yield f"{what}: the version before leaves it out"
    elif isinstance(operation, AlterField):
        before = state.models[app, model].fields[operation.name]
        yield from alteration(what, before, operation.field)
    elif isinstance(operation, AddIndex):
        if is_big and not isinstance(operation, AddIndexConcurrently):
            yield f"{what}: nobody can write meanwhile; CONCURRENTLY"
    elif isinstance(operation, AddConstraint):
        if is_big and not isinstance(operation, AddConstraintNotValid):
            yield f"{what}: each row is read under a lock; NOT VALID first"
    elif isinstance(operation, RunSQL | RunPython):
        if not operation.reversible:
            yield f"{what}: it cannot be taken back"
        if DESTRUCTIVE.search(str(getattr(operation, "sql", ""))):
            yield f"{what}: the version before does not expect it"


def alteration(what, before, after):
    if before.null and not after.null:
        yield f"{what}: the version before leaves it empty"
    if before.db_type(connection) != after.db_type(connection) and not is_longer(
        before, after
    ):
        yield f"{what}: the whole table is written anew"
    if after.unique and not before.unique:
        yield f"{what}: an index is built under a lock"


def is_longer(before, after):
    """A varchar may grow, and become text, without a row being touched."""
    texts = (models.CharField, models.TextField)
    if not (isinstance(before, texts) and isinstance(after, texts)):
        return False
    return after.max_length is None or (
        before.max_length is not None and before.max_length <= after.max_length
    )


def all_complaints():
    loader = MigrationLoader(None)
    for app, name in sorted(loader.disk_migrations):
        if app in OURS and name[:4] > BASELINE[app]:
            state = loader.project_state((app, name), at_end=False)
            for what in complaints(loader.get_migration(app, name), state):
                yield f"{app}.{name}: {what}"


def test_the_version_before_lives_with_each_migration():
    found = set(all_complaints())

    assert found == set(ALLOWED)


def thing():
    """A table of the version before, as migrations know it."""
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=10)),
        ("note", models.TextField(null=True)),
        ("size", models.IntegerField()),
    ]
    state = ProjectState()
    state.add_model(ModelState("appointments", "Appointment", fields))
    return state


def verdicts(*operations):
    migration = Migration("0999_next", "appointments")
    migration.operations = list(operations)
    return [said.rpartition(": ")[2] for said in complaints(migration, thing())]


def add(field):
    return AddField("appointment", "extra", field)


def alter(name, field):
    return AlterField("appointment", name, field)


DOUBLE = models.GeneratedField(
    expression=models.F("size") * 2,
    output_field=models.IntegerField(),
    db_persist=True,
)
INDEX = models.Index(fields=["size"], name="size_index")
CHECK = models.CheckConstraint(condition=models.Q(size__gt=0), name="size_positive")


@pytest.mark.parametrize(
    "operation",
    [
        add(models.CharField(null=True)),
        add(models.CharField(default="", db_default="")),
        add(models.ManyToManyField("appointments.Appointment")),
        alter("name", models.CharField(max_length=20)),
        alter("name", models.TextField()),
        alter("size", models.IntegerField(null=True)),
        AddIndexConcurrently("appointment", INDEX),
        AddConstraintNotValid("appointment", CHECK),
        CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
        RunPython(RunPython.noop, RunPython.noop),
        RunSQL("UPDATE appointments_appointment SET size = 1", RunSQL.noop),
        SeparateDatabaseAndState(
            state_operations=[RemoveField("appointment", "note")],
            database_operations=[],
        ),
    ],
)
def test_what_expands_may_be(operation):
    assert verdicts(operation) == []


@pytest.mark.parametrize(
    ("operation", "verdict"),
    [
        (add(models.CharField(default="")), "the version before leaves it out"),
        (
            alter("name", models.CharField(max_length=5)),
            "the whole table is written anew",
        ),
        (add(DOUBLE), "the whole table is written anew"),
        (alter("size", models.BigIntegerField()), "the whole table is written anew"),
        (
            alter("name", models.CharField(max_length=10, unique=True)),
            "an index is built under a lock",
        ),
        (
            alter("note", models.TextField(default="")),
            "the version before leaves it empty",
        ),
        (RemoveField("appointment", "note"), "the version before still reads it"),
        (
            RenameField("appointment", "note", "remark"),
            "the version before still reads it",
        ),
        (
            RenameModel("Appointment", "Visit"),
            "the version before still reads it",
        ),
        (DeleteModel("Appointment"), "the version before still reads it"),
        (
            AddIndex("appointment", INDEX),
            "nobody can write meanwhile; CONCURRENTLY",
        ),
        (
            AddConstraint("appointment", CHECK),
            "each row is read under a lock; NOT VALID first",
        ),
        (RunPython(RunPython.noop), "it cannot be taken back"),
        (
            RunSQL("ALTER TABLE t DROP COLUMN c", RunSQL.noop),
            "the version before does not expect it",
        ),
    ],
)
def test_what_the_version_before_cannot_live_with_is_found(operation, verdict):
    assert verdicts(operation) == [verdict]


def test_a_table_of_the_same_migration_may_be_anything():
    made = CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])

    assert verdicts(made, AddField("other", "size", models.IntegerField())) == []
