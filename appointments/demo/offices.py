"""Larkhaven's six offices, in two time zones, with their hosts and hours.

What an office `offers` may differ from the service: its own duration, a buffer, for
staff alone. A host is a counter, by its name, or a person, by the e-mail address;
`serves` lists what it gives, if not all.
"""

from datetime import time, timedelta
from typing import NamedTuple

from offices.models import OfficeStatus

HALF_HOUR = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)


class Weekly(NamedTuple):
    weekdays: list[int]
    start_time: time
    end_time: time


class DemoHost(NamedTuple):
    who: str
    hours: list[Weekly]
    serves: list[str] = []


def weekly(days, *spans):
    """Hours like "8:30-12:30" on days like "MTWTF--"."""
    weekdays = [number for number, day in enumerate(days, 1) if day != "-"]
    ends = [map(time.fromisoformat, span.split("-")) for span in spans]
    return [Weekly(weekdays, start, end) for start, end in ends]


EARLY = weekly("MTWTF--", "08:00-12:30")
FULL = weekly("MTWTF--", "09:00-12:30", "13:15-16:30")
LATE = weekly("M-W-F--", "08:30-12:30") + weekly(
    "-T-T---", "10:00-13:00", "14:00-18:30"
)
SATURDAYS = LATE + weekly("-----S-", "09:00-12:30")
NO_THURSDAYS = weekly("MTW-F--", "09:00-12:30", "13:15-16:30")
THURSDAYS = weekly("---T---", "09:00-12:30", "13:15-16:30")

LARKHAVEN = {
    "city": "Larkhaven",
    "country": "IE",
    "time_zone": "Europe/Dublin",
    "reminder_hours": [24],
}

OFFICES = {
    "town-hall": {
        "fields": {
            "name": "Town Hall, Citizens’ Office",
            "description": "<p>Nearly everything a household needs, in one room on the "
            "ground floor. Take a seat: the board calls you by your reference.</p>",
            "keywords": "city hall, bürgerbüro, civic centre",
            "street": "1 Market Square",
            "postal_code": "LK1 A100",
            "latitude": 52.1421,
            "longitude": -10.2672,
            "email": "town-hall@larkhaven.example.org",
            "phone": "+353 20 912 0100",
            "website": "https://larkhaven.example.org/town-hall",
            "accessibility": "Step-free entrance from Market Square\n"
            "Wheelchair-accessible toilet\nInduction loop at counters 1 and 2\n"
            "Two parking bays for disabled people at the side entrance",
            "cancellation_cutoff": timedelta(hours=2),
            **LARKHAVEN,
        },
        "offers": {
            "identity-card": {},
            "passport": {},
            "collect-document": {},
            "register-address": {},
            "residence-certificate": {},
            "certified-copy": {},
            "parking-permit": {},
            "dog-licence": {},
            "housing-benefit": {"buffer": QUARTER},
            "birth-certificate": {},
        },
        "hosts": [
            DemoHost("Counter 1", SATURDAYS),
            DemoHost("Counter 2", LATE),
            DemoHost("Counter 3", FULL),
            DemoHost("Counter 4", EARLY),
            DemoHost("Counter 5", EARLY, ["collect-document", "certified-copy"]),
            DemoHost("host@example.org", FULL, ["housing-benefit", "passport"]),
            DemoHost("matteo.brannick@example.org", THURSDAYS, ["birth-certificate"]),
        ],
    },
    "harbour": {
        "fields": {
            "name": "Harbour Quarter Office and Library",
            "description": "<p>Closed for rebuilding. <strong>Please go to the Town "
            "Hall</strong>, which is ten minutes away on foot.</p>",
            "keywords": "library, docks",
            "street": "22 Netmakers’ Quay",
            "postal_code": "LK2 B220",
            "latitude": 52.1388,
            "longitude": -10.2741,
            "email": "harbour@larkhaven.example.org",
            "phone": "+353 20 912 0200",
            "accessibility": "Lift to the reading room\nStep-free from the quay",
            "status": OfficeStatus.SUSPENDED,
            **LARKHAVEN,
        },
        "offers": {
            "library-card": {},
            "register-address": {},
            "residence-certificate": {},
            "dog-licence": {},
        },
        "hosts": [DemoHost("Desk A", LATE), DemoHost("Desk B", EARLY)],
    },
    "registry": {
        "fields": {
            "name": "Registry Office",
            "description": "<p>Births, marriages and names, in the old customs house. "
            "Ceremonies are held in the garden room.</p>",
            "keywords": "registrar, wedding, family",
            "street": "5 Customs House Lane",
            "postal_code": "LK1 C505",
            "latitude": 52.1409,
            "longitude": -10.2655,
            "email": "registry@larkhaven.example.org",
            "phone": "+353 20 912 0300",
            "accessibility": "Ramp at the garden gate\nQuiet waiting room\n"
            "Sign language by arrangement",
            "lead_time": timedelta(hours=24),
            "cancellation_cutoff": timedelta(hours=24),
            **LARKHAVEN,
            "reminder_hours": [48, 3],
        },
        "offers": {
            "birth-certificate": {},
            "register-birth": {"buffer": QUARTER},
            "notice-of-marriage": {"buffer": QUARTER},
            "change-of-name": {"buffer": QUARTER},
            "records-search": {"is_public": False},
        },
        "hosts": [
            DemoHost("matteo.brannick@example.org", NO_THURSDAYS),
            DemoHost("ines.vandermole@example.org", FULL),
            DemoHost("hana.osterby@example.org", LATE),
            DemoHost(
                "declan.abara@example.org",
                FULL,
                ["records-search", "birth-certificate", "change-of-name"],
            ),
        ],
    },
    "licensing": {
        "fields": {
            "name": "Vehicles and Driving",
            "description": "<p>Plates are made next door while you wait.</p>",
            "keywords": "cars, motor tax, number plates, licensing",
            "street": "140 Mill Road",
            "postal_code": "LK3 D140",
            "latitude": 52.1516,
            "longitude": -10.2530,
            "email": "vehicles@larkhaven.example.org",
            "phone": "+353 20 912 0400",
            "accessibility": "All on one level\nParking in front of the entrance",
            "max_open_appointments": 5,
            **LARKHAVEN,
        },
        "offers": {
            "driving-licence": {},
            "exchange-licence": {},
            "vehicle-registration": {},
            "parking-permit": {},
        },
        "hosts": [
            DemoHost("Window 1", FULL),
            DemoHost("Window 2", FULL),
            DemoHost("Window 3", LATE),
            DemoHost("Window 4", EARLY, ["vehicle-registration", "parking-permit"]),
            DemoHost("Window 5", EARLY, ["driving-licence", "exchange-licence"]),
        ],
    },
    "planning": {
        "fields": {
            "name": "Planning and Trade",
            "description": "<p>Say in a sentence what you plan: we look at each "
            "request and confirm the time, mostly on the same day.</p>",
            "keywords": "building control, construction, company",
            "street": "8 Kiln Street",
            "postal_code": "LK1 E808",
            "latitude": 52.1443,
            "longitude": -10.2609,
            "email": "planning@larkhaven.example.org",
            "phone": "+353 20 912 0500",
            "accessibility": "Lift to the second floor\nTables for wheelchairs",
            "approval_required": True,
            "lead_time": timedelta(hours=24),
            **LARKHAVEN,
        },
        "offers": {
            "planning-advice": {"buffer": QUARTER},
            "business-registration": {},
        },
        "hosts": [
            DemoHost("marek.silverdale@example.org", FULL, ["planning-advice"]),
            DemoHost("thandi.rosewood@example.org", LATE, ["planning-advice"]),
            DemoHost("kaito.fenwright@example.org", FULL, ["planning-advice"]),
            DemoHost("ewa.moorcock@example.org", FULL, ["business-registration"]),
        ],
    },
    "gannet-cove": {
        "fields": {
            "name": "Larkhaven House, Gannet Cove",
            "description": "<p>Our house in the twin town across the ocean, for people "
            "from Larkhaven who live there. Times are those of Gannet Cove.</p>",
            "keywords": "abroad, twin town, consulate, overseas",
            "street": "12 Lighthouse Road",
            "postal_code": "A0A 0A0",
            "city": "Gannet Cove",
            "country": "CA",
            "subdivision": "NL",
            "time_zone": "America/St_Johns",
            "latitude": 47.6512,
            "longitude": -52.6938,
            "email": "gannet-cove@larkhaven.example.org",
            "phone": "+1 709 555 0112",
            "accessibility": "One step at the entrance; ring, and we bring the ramp",
            "booking_horizon_days": 90,
            "reminder_hours": [24],
        },
        "offers": {
            "passport": {"own_duration": HALF_HOUR},
            "identity-card": {},
            "collect-document": {},
            "certified-copy": {},
            "birth-certificate": {},
        },
        "hosts": [
            DemoHost("East desk", FULL),
            DemoHost("West desk", EARLY),
            DemoHost("amir.saltmarsh@example.org", LATE),
        ],
    },
}
