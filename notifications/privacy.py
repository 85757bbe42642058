"""What messages and webhooks say of people: out of them, or given to the person."""

from datetime import timedelta

from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast, Concat, Lower
from django.utils import timezone

from accounts.models import User
from appointments.models import Citizen
from notifications.models import Block, Message, WebhookDelivery
from notifications.states import Channel, Status, Why
from offices.models import Office

BLOCK_KEPT = timedelta(days=90)  # while nobody has the address any more


def forget(pks):
    """Take out of what these appointments owed all that says to whom, and what.

    That it was owed and what became of it stays, to be counted. What is queued is not
    sent any more; who is sending it at this moment cannot write down what it said.
    Programs still hear of what has happened: webhooks say nothing of the citizen.
    """
    messages = Message.objects.filter(appointment__in=pks)
    messages.queued().update(
        status=Status.DROPPED,
        dropped_because=Why.CHANGED,
        attempts=F("attempts") + 1,
    )
    messages.update(
        recipient=Concat(Value("#"), Cast("pk", CharField())),  # unique, and somebody
        language="",
        subject="",
        body="",
        provider_id="",
        last_error="",
        receipt_detail="",
        called_by=None,
    )
    told = WebhookDelivery.objects.filter(event__appointment__in=pks)
    told.exclude(status=Status.QUEUED).delete()


def forget_addresses(addresses):
    """Forget that nothing is sent to addresses of a person who is nobody here."""
    found = [address.lower() for address in addresses]
    _delete_of_nobody(Block.objects.filter(address__in=found))


def purge_blocks():
    """Forget blocked addresses of nobody whom we know; returns how many."""
    old = Block.objects.filter(since__lt=timezone.now() - BLOCK_KEPT)
    return _delete_of_nobody(old)


def export(pks, addresses, *, is_whole):
    """{heading: rows} of messages about these appointments, and of blocked addresses.

    Messages to staff are left out, as they are not the person's own.
    """
    of_person = Message.objects.filter(appointment__in=pks, audience="citizen")
    fields = [
        *("appointment__reference", "kind", "channel", "recipient", "language"),
        *("status", "planned_for", "sent_at", "subject", "body"),
        *("receipt", "receipt_at"),
    ]
    found = {"messages": list(of_person.order_by("pk").values(*fields))}
    if is_whole:
        blocks = Block.objects.filter(address__in=[a.lower() for a in addresses])
        fields = ["channel", "address", "cause", "since", "lifted_at"]
        found["blocked_addresses"] = list(blocks.order_by("pk").values(*fields))
    return found


def _delete_of_nobody(blocks):
    """Delete those whose address is no citizen's, account's or office's; how many."""
    known = {Channel.MAIL: [Citizen, User, Office], Channel.SMS: [Citizen, User]}
    total = 0
    for channel, models in known.items():
        found = blocks.filter(channel=channel)
        for model in models:
            name = "email" if channel == Channel.MAIL else "phone"
            rows = model.objects.annotate(known=Lower(name))
            found = found.filter(~Exists(rows.filter(known=OuterRef("address"))))
        total += found.delete()[0]
    return total
