"""What the statistics cost with a million appointments.

Run it by `python -m benchmarks.million`. It starts a throw-away PostgreSQL on a
socket, fills in forty offices with a year of visits by SQL, and times the page's
statements. Indexes are made after the rows, but for the constraints against double
booking: the rows hold them, and they are not what is measured.
"""

import os
import shutil
import sys
import tempfile
import time as clock
from datetime import date, timedelta
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="million-"))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ENV_FILE": os.devnull,
    "DATA_DIR": str(DATA_DIR),
}
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
OFFICES, HOSTS, A_DAY = 40, 5, 20  # with 250 days: a million
ROUNDS = 3

FILL = f"""
ALTER TABLE appointments_appointment
    DROP CONSTRAINT appointment_host_not_double_booked,
    DROP CONSTRAINT appointment_person_not_double_booked;
SET session_replication_role = replica;
CREATE TEMPORARY TABLE put_off AS
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename IN ('appointments_appointment', 'appointments_appointmentevent')
AND indexname NOT IN (SELECT conname FROM pg_constraint);
DO $$ DECLARE name text; BEGIN
FOR name IN SELECT indexname FROM put_off LOOP EXECUTE 'DROP INDEX ' || name; END LOOP;
END $$;

INSERT INTO appointments_appointment (
    id, reference, office_id, service_id, quantity, host_id, citizen_id, day, quarters,
    starts_at, ends_at, busy_until, status, channel, purpose, access_needs, language,
    note, sequence, created_at, updated_at, checked_in_at, called_at, started_at,
    completed_at)
SELECT gen_random_uuid(), 'R' || row_number() OVER (), host.office_id,
       (SELECT id FROM offices_service ORDER BY id OFFSET n % 3 LIMIT 1), 1, host.id,
       (SELECT min(id) FROM appointments_citizen), day, 0::bit(100), start,
       start + interval '15 minutes', start + interval '15 minutes', status,
       (ARRAY['web', 'web', 'staff', 'walk_in'])
           [1 + (n * 7 + extract(doy FROM day)::int) % 4],
       '', '', '', '', 0, start - lead * interval '1 hour', start,
       seen, seen + n * interval '1 minute', seen + n * interval '1 minute',
       CASE WHEN status = 'completed' THEN start END
FROM (
    SELECT host.id, host.office_id, day::date, n, lead,
           day + interval '7 hours' + n * interval '25 minutes' AS start, status,
           CASE WHEN status = 'completed' THEN day + interval '7 hours' END AS seen
    FROM offices_host AS host
    CROSS JOIN generate_series('{FIRST}'::timestamptz, '{LAST}', '1 day') AS day
    CROSS JOIN generate_series(0, {A_DAY - 1}) AS n
    CROSS JOIN LATERAL (
        SELECT (ARRAY['completed', 'completed', 'completed', 'completed', 'completed',
                      'completed', 'completed', 'no_show', 'cancelled', 'denied'])
               [1 + (n + host.id + extract(doy FROM day)::int) % 10] AS status,
               (host.id * 13 + n * 29 + extract(doy FROM day)::int * 7) % 400 AS lead
    ) AS fate
    WHERE extract(isodow FROM day) <= 5
) AS host;

INSERT INTO appointments_appointmentevent
    (appointment_id, kind, actor_kind, reason, override, created_at)
SELECT id, kind, actor, '', '', created_at + (updated_at - created_at) * part
FROM appointments_appointment
JOIN (VALUES ('booked', 'citizen', 0), ('cancelled', 'citizen', 0.7),
             ('completed', 'staff', 1)) AS line (kind, actor, part)
  ON kind IN ('booked', status);

INSERT INTO availability_hostday (host_id, office_id, day, open, claimed)
SELECT id, office_id, day::date, ~0::bit(100) >> 60, ~0::bit(100) >> 75
FROM offices_host
CROSS JOIN generate_series('{FIRST}'::timestamptz, '{LAST}', '1 day') AS day;

INSERT INTO appointments_nextfreeday (office_id, service_id, day, days)
SELECT office.id, service.id, day::date, (office.id + extract(doy FROM day)::int) % 20
FROM offices_office AS office CROSS JOIN offices_service AS service
CROSS JOIN generate_series('{FIRST}'::timestamptz, '{LAST}', '1 day') AS day;

DO $$ DECLARE made text; BEGIN
FOR made IN SELECT indexdef FROM put_off LOOP EXECUTE made; END LOOP;
END $$;
"""  # noqa: S608 (put together from our own constants)  # nosec B608


def main():
    """Fill, measure, print the table."""
    from config.embedded import EmbeddedServices  # noqa: PLC0415 (after DATA_DIR is set)

    try:
        with EmbeddedServices(DATA_DIR, child=True):
            import django  # noqa: PLC0415 (needs the services)

            django.setup()
            sys.stdout.write(report() + "\n")
    finally:
        shutil.rmtree(DATA_DIR, ignore_errors=True)


def report():
    from django.core.management import call_command  # noqa: PLC0415 (needs settings)
    from django.db import connection  # noqa: PLC0415

    from appointments.statistics import Period, counting, page, waits  # noqa: PLC0415
    from appointments.statistics.scope import Scope  # noqa: PLC0415
    from availability.queries import rows  # noqa: PLC0415
    from offices.models import Office  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    many = _fill(connection)
    offices = list(Office.objects.order_by("pk"))
    lines = [f"{many:,} appointments", f"{'':28}{'one office':>12}{'all':>10}"]
    one, all_of_them = (
        Scope(each, FIRST, LAST, Period.WEEK) for each in ([offices[0]], offices)
    )
    statements = {
        "counts": counting.COUNTS,
        "times": counting.TIMES,
        "cancelled": counting.CANCELLED,
        "hours of the day": counting.HOURS,
        "hours taken": counting.TAKEN,
        "waits for a free time": waits.WAITS,
    }
    cases = {
        name: lambda scope, sql=sql: rows(sql, scope.about())
        for name, sql in statements.items()
    }
    cases["the whole page"] = lambda scope: [
        f.is_empty or f.svg for f in page.page(scope).figures
    ]
    for name, do in cases.items():
        taken = [_seconds(do, scope) for scope in (one, all_of_them)]
        lines.append(f"{name:28}{taken[0]:10.3f} s{taken[1]:8.2f} s")
    return "\n".join(lines)


def _fill(connection):
    """Returns how many appointments there are."""
    from appointments.models import Appointment, Citizen  # noqa: PLC0415
    from offices.models import Host, Office, Service  # noqa: PLC0415

    offices = Office.objects.bulk_create(
        Office(name=f"Office {n}", slug=f"office-{n}") for n in range(OFFICES)
    )
    Host.objects.bulk_create(
        Host(office=office, name=f"Counter {n}")
        for office in offices
        for n in range(HOSTS)
    )
    Service.objects.bulk_create(Service(name=f"S {n}", code=f"s{n}") for n in range(3))
    Citizen.objects.create(name="Bench")
    with connection.cursor() as cursor:
        cursor.execute(FILL)
        cursor.execute("VACUUM ANALYZE")
    return Appointment.objects.count()


def _seconds(do, scope):
    """The best of some rounds."""
    best = timedelta.max.total_seconds()
    for _ in range(ROUNDS):
        start = clock.perf_counter()
        do(scope)
        best = min(best, clock.perf_counter() - start)
    return best


if __name__ == "__main__":
    main()
