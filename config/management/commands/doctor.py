"""Look whether all is as it must be, and put right what is safe to put right."""

import json

from django.core.management.base import BaseCommand, CommandError

from config.doctor import checks

SHOWN = 5


class Command(BaseCommand):
    help = (
        "Check what must hold in every installation: no double booking, nothing stuck, "
        "roles as granted, times precomputed. Ends with status 1 if anything does not."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--fix",
            action="store_true",
            help="put right what is safe to put right while people book; then look "
            "again",
        )
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="CHECK",
            help="this check alone; may be given several times",
        )
        parser.add_argument(
            "--json", action="store_true", help="answer in JSON, with all that is wrong"
        )

    def handle(self, *, fix, only, json, **options):
        results = [self.examine(check, fix=fix) for check in _chosen(only)]
        if json:
            self.write_json(results)
        else:
            for result in results:
                self.write(**result)
        wrong = [result for result in results if result["found"]]
        if wrong:
            raise CommandError(_sum(wrong))
        if not json:
            self.stdout.write(self.style.SUCCESS(f"{len(results)} checks, all well."))

    def examine(self, check, *, fix):
        """What breaks a rule now, and whether anything was put right before."""
        found = check.find()
        mended = bool(fix and found and check.mend)
        before = len(found)
        if mended:
            check.mend()
            found = check.find()
        return {"check": check, "found": found, "mended": before if mended else 0}

    def write(self, check, found, mended):
        if mended:
            self.stdout.write(f"mended {check.name}: {mended} before")
        if not found:
            self.stdout.write(f"ok     {check.name}: {check.title}")
            return
        can = " (--fix can mend this)" if check.mend and not mended else ""
        self.stdout.write(self.style.ERROR(f"wrong  {check.name}: {check.title}{can}"))
        for line in found[:SHOWN]:
            self.stdout.write(f"       - {line}")
        if len(found) > SHOWN:
            self.stdout.write(f"       … and {len(found) - SHOWN} more")

    def write_json(self, results):
        answer = [
            {
                "check": result["check"].name,
                "rule": result["check"].title,
                "wrong": result["found"],
                "mended": result["mended"],
            }
            for result in results
        ]
        self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False))


def _chosen(names):
    known = {check.name: check for check in checks()}
    unknown = sorted(set(names) - known.keys())
    if unknown:
        raise CommandError(
            f"There is no check {', '.join(unknown)}; there are: {', '.join(known)}."
        )
    return [known[name] for name in names or known]


def _sum(wrong):
    names = ", ".join(result["check"].name for result in wrong)
    return f"{len(wrong)} of the checks found something wrong: {names}."
