"""Hours, exceptions and closures: to read, to change, and to try out first.

Here and not in availability.api, since `?preview=true` tells which appointments a
change would leave without hours.
"""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from appointments.api.trying_out import HostHours, HoursViewSet, change
from availability import operations
from availability.api import hours as forms
from availability.models import AvailabilityException, AvailabilityRule
from config.api.schema import operation
from offices.models import Closure, Office


class RuleViewSet(HostHours):
    model = AvailabilityRule
    serializer_class = forms.RuleSerializer
    filterset_class = forms.RuleFilter
    ordering, ordering_fields = "pk", []

    def get_queryset(self):
        rules = super().get_queryset()
        if "office_id" not in self.kwargs:
            return rules
        return rules.filter(host__office=self.office())

    def office(self):
        offices = Office.objects.visible_to(self.request.user)
        return get_object_or_404(offices, pk=self.kwargs["office_id"])

    @operation(
        "List opening hours",
        gives=forms.RuleSerializer(many=True),
        answer=forms.RULE,
    )
    def list(self, request, office_id):
        """Of all hosts of an office, or of one: weekly, and on one date."""
        return super().list(request)

    @operation("Show opening hours", gives=forms.RuleSerializer, answer=forms.RULE)
    def retrieve(self, request, pk):
        """One rule of one host."""
        return super().retrieve(request, pk)

    @change(
        "Add opening hours",
        takes=forms.AddRuleSerializer,
        gives=forms.RuleSerializer,
        status=201,
        example={
            "host": 18,
            "weekdays": [1, 2, 3, 4, 5],
            "start_time": "08:00",
            "end_time": "12:00",
        },
        answer=forms.RULE,
    )
    def create(self, request, office_id):
        """Recurring, with `weekdays`, or once, with `day`."""
        office = self.office()
        given = self.valid(forms.AddRuleSerializer)
        host = office.hosts.filter(pk=given.pop("host")).first()
        if host is None:
            raise serializers.ValidationError(
                {"host": _("There is no such host at this office.")}
            )
        return self.save(AvailabilityRule(host=host, **given), status=201)

    @change(
        "Change opening hours",
        takes=forms.ChangeRuleSerializer,
        gives=forms.RuleSerializer,
        example={"end_time": "12:00"},
        answer=forms.RULE,
    )
    def partial_update(self, request, pk):
        """What is left out stays."""
        return self.alter(forms.ChangeRuleSerializer)

    @change("Delete opening hours", status=204)
    def destroy(self, request, pk):
        """They are offered no longer; what is booked stays."""
        return self.remove()


class ExceptionViewSet(HostHours):
    model = AvailabilityException
    serializer_class = forms.ExceptionSerializer
    filterset_class = forms.ExceptionFilter
    ordering, ordering_fields = "day", ["day"]

    @operation(
        "List exceptions",
        gives=forms.ExceptionSerializer(many=True),
        answer=forms.EXCEPTION,
    )
    def list(self, request):
        """Dates on which a host is away or has extra hours."""
        return super().list(request)

    @operation(
        "Show an exception", gives=forms.ExceptionSerializer, answer=forms.EXCEPTION
    )
    def retrieve(self, request, pk):
        """One date of one host that differs."""
        return super().retrieve(request, pk)

    @change(
        "Add an exception",
        takes=forms.AddExceptionSerializer,
        gives=forms.ExceptionSerializer,
        status=201,
        example={
            "host": 18,
            "kind": "away",
            "day": "2027-01-11",
            "start_time": "10:00",
            "end_time": "12:00",
            "reason": "Training",
        },
        answer=forms.EXCEPTION,
    )
    def create(self, request):
        """Time away or extra hours on one date; without times, the whole day.

        Extra hours without times are therefore from midnight to midnight.
        """
        given = self.valid(forms.AddExceptionSerializer)
        return self.save(AvailabilityException(**given), status=201)

    @change(
        "Change an exception",
        takes=forms.ChangeExceptionSerializer,
        gives=forms.ExceptionSerializer,
        example={"reason": "Training"},
        answer=forms.EXCEPTION,
    )
    def partial_update(self, request, pk):
        """What is left out stays."""
        return self.alter(forms.ChangeExceptionSerializer)

    @change("Delete an exception", status=204)
    def destroy(self, request, pk):
        """The date is again as the opening hours have it."""
        return self.remove()


class ClosureViewSet(HoursViewSet):
    model = Closure
    serializer_class = forms.ClosureSerializer
    filterset_class = forms.ClosureFilter
    ordering, ordering_fields = "starts_at", ["starts_at"]

    def get_queryset(self):
        return super().get_queryset().select_related("office")

    def save(self, closure, status=200):
        def act():
            operations.save_closure(closure, by=self.request.user)

        return self.perform(act, office=closure.office, obj=closure, status=status)

    @operation(
        "List closures",
        gives=forms.ClosureSerializer(many=True),
        answer=forms.CLOSURE,
    )
    def list(self, request):
        """When offices or hosts see nobody, public holidays among them."""
        return super().list(request)

    @operation("Show a closure", gives=forms.ClosureSerializer, answer=forms.CLOSURE)
    def retrieve(self, request, pk):
        """When it begins and ends, and why."""
        return super().retrieve(request, pk)

    @change(
        "Add a closure",
        takes=forms.AddClosureSerializer,
        gives=forms.ClosureSerializer,
        status=201,
        example={
            "office": 7,
            "starts_at": "2027-02-08T00:00:00+01:00",
            "ends_at": "2027-02-09T00:00:00+01:00",
            "reason": "Moving house",
        },
        answer=forms.CLOSURE,
    )
    def create(self, request):
        """Of a whole office, or of one host."""
        return self.save(Closure(**self.valid(forms.AddClosureSerializer)), status=201)

    @change(
        "Change a closure",
        takes=forms.ChangeClosureSerializer,
        gives=forms.ClosureSerializer,
        example={"is_overridden": True},
        answer={**forms.CLOSURE, "is_overridden": True},
    )
    def partial_update(self, request, pk):
        """What is left out stays. `is_overridden` opens all the same."""
        with self.unchanged(self.get_object()) as closure:
            changes = self.valid(forms.ChangeClosureSerializer, partial=True)
            for name, value in changes.items():
                setattr(closure, name, value)
            return self.save(closure)

    @change("Delete a closure", status=204)
    def destroy(self, request, pk):
        """The office opens again. A public holiday comes back, so it is overridden."""
        with self.unchanged(self.get_object()) as closure:
            office = closure.office

            def act():
                operations.reopen(closure, by=request.user)

            return self.perform(act, office=office)
