"""The rows that Larkhaven's visits are about, found once."""

from django.utils.text import slugify

from appointments.demo.people import CITIZEN
from appointments.demo.town import SOURCE
from appointments.models import Citizen
from offices.models import Host, Membership, OfficeService
from offices.roles import Role

# The ranks of those who have an account, and of those with an e-mail address: most
# visits to come were booked by phone, so that the demo sends a handful of mails.
ACCOUNT, BY_MAIL = 0.004, 0.01


class Cast:
    """Offers, hosts, clerks and citizens by the names that the plan has for them."""

    def __init__(self):
        offered = OfficeService.objects.filter(office__source=SOURCE).with_details()
        self.offered = {(o.office.source_id, o.service.source_id): o for o in offered}
        hosts = Host.objects.filter(office__source=SOURCE, is_active=True)
        self.hosts = {
            (host.office.source_id, host.user.email if host.user else host.name): host
            for host in hosts.select_related("office", "user")
        }
        clerks = Membership.objects.current().filter(office__source=SOURCE)
        self.clerks = {
            member.office.source_id: member.user
            for member in clerks.select_related("office", "user").order_by("pk")
            if member.role != Role.HOST
        }
        self.account = Citizen.objects.filter(user__email=CITIZEN[0]).first()

    def knows(self, visit):
        """Whether its office, host and service are still there."""
        return (visit.office, visit.host) in self.hosts and (
            visit.office,
            visit.service,
        ) in self.offered

    def offer(self, visit):
        return self.offered[visit.office, visit.service]

    def host(self, visit):
        return self.hosts[visit.office, visit.host]

    def clerk(self, visit):
        """Who books for citizens and runs the desk; None, the system, if nobody."""
        return self.clerks.get(visit.office)

    def citizen(self, visit, *, by_mail=False):
        """Whoever comes, unsaved unless there is an account."""
        if visit.rank < ACCOUNT and self.account:
            return self.account
        citizen = Citizen(
            name=visit.name, phone=_phone(visit), language=_language(visit)
        )
        if by_mail or visit.rank < BY_MAIL:
            citizen.email = f"{slugify(visit.name).replace('-', '.')}@example.com"
        return citizen


def _phone(visit):
    """A number that is set aside for stories."""
    return f"+353 20 91{visit.lot(100_000):05}"


def _language(visit):
    return "de" if visit.lot(9) == 0 else "en"
