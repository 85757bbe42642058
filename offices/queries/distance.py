"""Offices near a place, as the crow flies."""

from django.db.models import ExpressionWrapper, F, FloatField, Value
from django.db.models.functions import (
    ASin,
    Cos,
    Least,
    Power,
    Radians,
    Sin,
    Sqrt,
)

from offices.queries import catalogue

EARTH_KM = 6371.0088
KM_PER_DEGREE = 111.0  # of latitude, rather too few


def near(latitude, longitude, *, within_km):
    """The offices that citizens can find within so many km, the nearest first.

    Each has its `distance_km`.
    """
    span = within_km / KM_PER_DEGREE
    return (
        catalogue.offices()
        .filter(latitude__range=(latitude - span, latitude + span))
        .annotate(distance_km=_haversine(latitude, longitude))
        .filter(distance_km__lte=within_km)
        .order_by("distance_km", "pk")
    )


def _haversine(latitude, longitude):
    here = Radians(Value(latitude, output_field=FloatField()))
    north = Radians(F("latitude")) - here
    east = Radians(F("longitude") - Value(longitude, output_field=FloatField()))
    half_chord = Power(Sin(north / 2.0), 2) + Cos(here) * Cos(
        Radians(F("latitude"))
    ) * Power(Sin(east / 2.0), 2)
    return ExpressionWrapper(
        2.0 * EARTH_KM * ASin(Least(Sqrt(half_chord), 1.0)), output_field=FloatField()
    )
