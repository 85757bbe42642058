"""Bringing offices, services and their links up to date with a published catalogue.

The only writer of what a source publishes. Rows are known by `source` and
`source_id`, so that running it again changes nothing. A row that is no longer in
the files is reported and left as it is, for staff to close or hide.
"""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from offices import dldb, dldb_fields
from offices.history import record_import
from offices.imports import Outcome, Report, RowRefused
from offices.models import Office, OfficeService, Service
from offices.slugs import make_slug


@transaction.atomic
def import_catalogue(
    locations,
    services,
    *,
    source,
    place,
    language=None,
    dry_run=False,
    progress=lambda rows, _: rows,
):
    """Write what the rows of two files say (offices.dldb reads them).

    `place` holds what DLDB does not tell of a new office: time_zone, country and
    subdivision. One that is here keeps its own, for its hours, holidays and booked
    times follow from them (availability.operations.save_office changes them).
    `language` is what the texts are in; None leaves that as it is. Translations that
    staff wrote stay, whatever the files say.
    `progress(rows, kind)` wraps each loop. Returns the Report; with `dry_run`, of
    what would have been written.
    """
    _take_turns(source)
    catalogue = Catalogue(source, place, language)
    catalogue.put_services(services, progress)
    catalogue.put_offices(locations, progress)
    catalogue.put_links(progress)
    catalogue.report_missing()
    transaction.set_rollback(dry_run)
    return catalogue.report


class Table:
    """What an import makes of the rows of one model that came from its source."""

    def __init__(self, model, kind, report, there):
        self.model, self.kind, self.report, self.there = model, kind, report, there
        self.seen, self.accepted, self.before = set(), {}, {}
        self.new, self.changed, self.changed_fields = [], [], set()

    def put(self, key, name, build):
        """Bring a row up to date, or say why not; returns it, or None if refused.

        `build` is given the row there is, or None, and returns (row, fields), and
        perhaps a note.
        """
        try:
            outcome, note = self._put(key, build)
        except RowRefused as error:
            outcome, note = Outcome.REFUSED, error
        self.report.add(outcome, self.kind, key, name, note)
        return None if outcome == Outcome.REFUSED else self.accepted[key]

    def _put(self, key, build):
        if key in self.seen:
            raise RowRefused("An earlier row has the same id. Remove one of them.")
        self.seen.add(key)
        row, fields, *note = build(self.there.get(key))
        changed = [field for field in fields if getattr(row, field) != fields[field]]
        self.before[row.pk] = {field: getattr(row, field) for field in changed}
        for field in changed:
            setattr(row, field, fields[field])
        _check(row, fields)
        self.accepted[key] = row
        if row._state.adding:
            self.new.append(row)
            return Outcome.CREATED, ""
        if not changed:
            return Outcome.UNCHANGED, ". ".join(note)
        self.changed.append(row)
        self.changed_fields.update(changed)
        return Outcome.CHANGED, ". ".join([", ".join(changed), *note])

    def save(self, *, stamp=None):
        """Write what is new or changed; `stamp` names the field for the time of it."""
        self.model.objects.bulk_create(self.new)
        fields = [*self.changed_fields, *([stamp] if stamp else [])]
        for row in self.changed if stamp else []:
            setattr(row, stamp, timezone.now())
        if self.changed:
            self.model.objects.bulk_update(self.changed, fields, batch_size=200)
            record_import(self.changed, self.before)

    def missing(self):
        return {k: row for k, row in self.there.items() if k not in self.seen}


class Catalogue:
    """One run of the import."""

    def __init__(self, source, place, language=None):
        self.source, self.place, self.report = source, place, Report()
        self.spoken = {"language": language} if language else {}
        self.services = Table(Service, "service", self.report, self._there(Service))
        self.offices = Table(Office, "office", self.report, self._there(Office))
        self.links = Table(OfficeService, "link", self.report, self._links_there())
        self.codes = set(Service.objects.values_list("code", flat=True))
        self.slugs = set(Office.objects.values_list("slug", flat=True))
        self.with_links = []

    def _there(self, model):
        rows = model.objects.filter(source=self.source).exclude(source_id="")
        return {row.source_id: row for row in rows}

    def _links_there(self):
        rows = OfficeService.objects.with_details().filter(
            office__source=self.source, service__source=self.source
        )
        return {f"{row.office.source_id}/{row.service.source_id}": row for row in rows}

    def put_services(self, rows, progress):
        keys = dldb_fields.carried(rows)
        for row in progress(rows, "services"):
            self.services.put(
                dldb.key_of(row),
                row["name"],
                lambda there, row=row: self._service(there, row, keys),
            )
        self.services.save()

    def _service(self, there, row, keys):
        fields = dldb_fields.fields_of(row, dldb_fields.SERVICE, keys) | self.spoken
        if there is None:
            key = dldb.key_of(row)
            code = make_slug(fields["name"], taken=self.codes, fallback=key)
            there = Service(source=self.source, source_id=key, code=code)
        return there, fields

    def put_offices(self, rows, progress):
        keys, names = dldb_fields.carried(rows), dldb.names_of(rows)
        for row in progress(rows, "offices"):
            office = self.offices.put(
                dldb.key_of(row),
                names.get(dldb.key_of(row), row["name"]),
                lambda there, row=row: self._office(there, row, keys, names),
            )
            self.with_links.append((row, office))
        self.offices.save(stamp="updated_at")

    def _office(self, there, row, keys, names):
        key = dldb.key_of(row)
        name = names.get(key) or dldb_fields.possible_names(row)[0]
        fields = dldb_fields.fields_of(row, dldb_fields.OFFICE, keys) | self.spoken
        fields["name"] = name
        if there is None:
            slug = make_slug(name, taken=self.slugs, fallback=key)
            there = Office(source=self.source, source_id=key, slug=slug, **self.place)
        kept = [
            f"{field} stays “{getattr(there, field)}”: change it in the admin"
            for field, value in self.place.items()
            if getattr(there, field) != value
        ]
        return there, fields, *kept

    def put_links(self, progress):
        links = [
            (row, o, link) for row, o in self.with_links for link in row["services"]
        ]
        keys = dldb_fields.carried([link for _, _, link in links])
        for row, office, link in progress(links, "links"):
            service_key = dldb.key_of(link, "service")
            service = self.services.accepted.get(service_key)
            self.links.put(
                f"{dldb.key_of(row)}/{service_key}",
                f"{office or row['name']} – {service or service_key}",
                lambda there, about=(row, office, link, service): self._link(
                    there, *about, keys
                ),
            )
        self.links.save()

    def _link(self, there, row, office, link, service, keys):
        if office is None:
            raise RowRefused("Its office was refused.")
        if service is None:
            known = dldb.key_of(link, "service") in self.services.seen
            raise RowRefused(
                "Its service was refused."
                if known
                else "The services file has no such service. Add it, or take this out."
            )
        fields = dldb_fields.fields_of(link, dldb_fields.LINK, keys)
        for own, general in (
            ("own_duration", service.duration),
            ("own_max_quantity", service.max_quantity),
        ):
            if fields.get(own) == general:
                fields[own] = None
        if service.source_id in dldb_fields.hidden_services(row):
            fields["is_public"] = False
        return there or OfficeService(office=office, service=service), fields

    def report_missing(self):
        for table in (self.services, self.offices, self.links):
            for key, row in table.missing().items():
                if (
                    table is self.links
                    and row.office.source_id not in self.offices.seen
                ):
                    continue
                table.report.add(
                    Outcome.MISSING, table.kind, key, str(row), "left as it is"
                )


def _take_turns(source):
    """Let one import of a source run at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [source]
        )


def _check(row, fields):
    """Raise RowRefused when a value does not fit its field."""
    others = {field.name for field in row._meta.fields} - set(fields)
    try:
        row.clean_fields(exclude=others)
    except ValidationError as error:
        raise RowRefused(
            "; ".join(
                f"{key}: {' '.join(said)}" for key, said in error.message_dict.items()
            )
        ) from error
