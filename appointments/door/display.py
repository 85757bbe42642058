"""The screen in the waiting room: which ticket goes where. Anybody may see it."""

import hashlib

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from appointments.door.queries import last_calls
from config.languages import prefer
from offices.models import Office


@require_safe
def display(request, slug):
    """The whole page; without JavaScript it comes again by itself."""
    office = get_object_or_404(Office.objects.listed(), slug=slug)
    prefer(request, office.language)
    context = {"office": office, "calls": last_calls(office)}
    response = render(request, "appointments/door/display.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def display_calls(request, slug):
    """What changes of it, told only when it has changed."""
    office = get_object_or_404(Office.objects.listed(), slug=slug)
    prefer(request, office.language)
    html = render_to_string(
        "appointments/door/display.html#calls", {"calls": last_calls(office)}
    )
    etag = f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag) or HttpResponse(html)
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return response
