"""Finding what one needs, and where: pages that change nothing and know nobody.

The browser may keep them and asks each time whether they still hold (ETag): what is
free changes by the minute.
"""

from datetime import timedelta

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

from availability import cards, opening_hours
from availability.forms import PlacesForm, SearchForm
from availability.places import by_soonest, offering, places
from config.kept_pages import kept
from offices.models import Office, OfficeStatus, Service
from offices.queries import catalogue, search

WANTED = 9  # services on the front page
TEASED = 6  # offices on it
SOON = timedelta(days=30)  # how far ahead an office tells what will be different


def public_page(view):
    """A page for everybody, the same for all who read the same language."""
    kept = cache_control(no_cache=True)(vary_on_cookie(conditional_page(view)))
    return require_safe(kept)


def front_version(most_booked=list):
    return catalogue.version(), tuple(most_booked())


@public_page
@kept(front_version)
def home(request, most_booked=list):
    """`most_booked()` gives the ids of services that people book most."""
    about = {
        "section": "services",
        "services": catalogue.most_wanted(WANTED, most_booked()),
        "offices": catalogue.busiest_offices(TEASED),
    }
    return render(request, "offices/home.html", about)


@public_page
def results(request):
    form = SearchForm(request.GET)
    services, offices = search.services(form.text), search.offices(form.text)
    about = {
        "section": "services",
        "services": services,
        "offices": office_cards(offices),
        "guesses": [] if services or offices else search.guesses(form.text),
        "most": search.MOST_FOUND,
    }
    return answer(request, "offices/search.html", form, about)


@public_page
@kept(catalogue.version)
def service_list(request):
    letters = catalogue.by_initial(catalogue.services())
    about = {"section": "services", "letters": letters}
    return render(request, "offices/services.html", about)


@public_page
def service_page(request, code):
    service = get_object_or_404(Service.objects.listed(), code=code)
    offereds = offering(service)
    form = PlacesForm(request.GET, most=max(each.max_quantity for each in offereds))
    by_name = places(offereds, quantity=form.how_many)
    found = by_soonest(by_name)
    about = {
        "section": "services",
        "service": service,
        "soonest": found[0],
        "soonest_url": found[0].next_free and cards.soonest_url(found[0]),
        "cards": [
            cards.place_card(place) for place in (by_name if form.is_by_name else found)
        ],
    }
    return answer(request, "offices/service.html", form, about)


@public_page
@kept(catalogue.version)
def office_list(request):
    form = SearchForm(request.GET)
    offices = search.offices(form.text) if form.text else list(catalogue.offices())
    about = {"section": "offices", "offices": office_cards(offices)}
    return answer(request, "offices/offices.html", form, about)


@public_page
def office_page(request, slug):
    office = get_object_or_404(Office, slug=slug, is_public=True)
    now, today = timezone.now(), office.today()
    week = opening_hours.of_week(office, today)
    extra = opening_hours.also_open(office, today, today + SOON)
    closures = office.closures.effective().of_office().overlapping(now, now + SOON)
    about = {
        "section": "offices",
        "office": office,
        "address": "\n".join(office.address),
        "map_url": cards.map_url(office),
        "is_open": office.status == OfficeStatus.OPEN,
        "is_closed": office.status == OfficeStatus.CLOSED,
        "has_hours": any(day.hours for day in week),
        "week": [cards.hours_row(day, today) for day in week],
        "closures": [cards.closure_row(each, office, now) for each in closures],
        "extra": [cards.hours_row(day, today) for day in extra],
        "offered": catalogue.offered_at(office),
    }
    return render(request, "offices/office.html", about)


def answer(request, template, form, about):
    """The page with its form; 422 where the query asks for what cannot be."""
    status = 200 if form.is_valid() else 422
    return render(request, template, {"form": form} | about, status=status)


def office_cards(offices):
    catalogue.tell_apart(offices)
    return [cards.office_card(office) for office in offices]
