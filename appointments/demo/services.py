"""What Larkhaven's offices offer: 20 services, by their code."""

from datetime import timedelta


def _service(name, minutes, description, *, bring=(), fee="", **more):
    return {
        "name": name,
        "duration": timedelta(minutes=minutes),
        "description": f"<p>{description}</p>",
        "what_to_bring": _list(bring),
        "fee": f"<p>{fee}</p>" if fee else "",
        **more,
    }


def _list(items):
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""


PHOTO = "one photo, not older than six months"
ID = "your identity card or passport"

SERVICES = {
    "identity-card": _service(
        "Identity card",
        15,
        "Apply for a new identity card, for yourself or for a child.",
        bring=[PHOTO, "your old card, if you have one", "a birth certificate"],
        fee="28 euros; 15 euros under 24",
        keywords="ID, ID card, personal identification",
        max_quantity=4,
    ),
    "passport": _service(
        "Passport",
        20,
        "Apply for a passport. It is ready after about three weeks.",
        bring=[PHOTO, ID, "for a child: the consent of both parents"],
        fee="60 euros; 35 euros under 24",
        keywords="travel document, travel",
        max_quantity=5,
    ),
    "collect-document": _service(
        "Collect a passport or identity card",
        10,
        "Collect what you applied for, once we have written to you.",
        bring=["your old document", "our letter"],
        keywords="pick up",
        max_quantity=5,
    ),
    "register-address": _service(
        "Register a new address",
        15,
        "Tell us that you have moved to Larkhaven, or within it. Families come once.",
        bring=[ID, "the confirmation of whoever lets the flat"],
        keywords="moving house, registration, residence, change of address",
        max_quantity=6,
    ),
    "residence-certificate": _service(
        "Certificate of residence",
        10,
        "A sheet that says where you live.",
        bring=[ID],
        fee="10 euros",
        keywords="proof of address",
    ),
    "certified-copy": _service(
        "Certified copies",
        10,
        "We certify that a copy is like its original.",
        bring=["the original", "the copy, if you have made one"],
        fee="4 euros for each page",
        keywords="certification, documents",
        max_quantity=6,
    ),
    "library-card": _service(
        "Library card",
        10,
        "A card for the town library and all its branches.",
        bring=[ID],
        fee="12 euros a year; free under 18",
        keywords="books, reading",
        max_quantity=5,
    ),
    "parking-permit": _service(
        "Resident’s parking permit",
        10,
        "Park in your own quarter without paying each time.",
        bring=[ID, "the registration of your car"],
        fee="30 euros a year",
        keywords="car, parking",
        online_url="https://services.larkhaven.example.org/parking",
    ),
    "dog-licence": _service(
        "Dog licence",
        10,
        "Register a dog that has moved in with you.",
        bring=["the dog’s chip number"],
        fee="20 euros a year",
        keywords="pets, animals",
        max_quantity=3,
    ),
    "housing-benefit": _service(
        "Housing benefit: advice",
        30,
        "We look at your papers together and say what you can claim.",
        bring=["your tenancy agreement", "what you earn, of three months"],
        keywords="rent, allowance, support",
    ),
    "birth-certificate": _service(
        "Birth certificate",
        15,
        "A new copy of a certificate of a birth in Larkhaven.",
        bring=[ID],
        fee="12 euros for each copy",
        keywords="certificates, family",
        max_quantity=3,
    ),
    "register-birth": _service(
        "Register a birth",
        30,
        "Congratulations! Register your child within a month.",
        bring=["the hospital’s notice", "the identity cards of both parents"],
        keywords="newborn, baby, children",
        max_quantity=2,
    ),
    "notice-of-marriage": _service(
        "Give notice of a marriage",
        45,
        "Come together, at least three months before the day.",
        bring=["both birth certificates", "both identity cards"],
        fee="200 euros",
        keywords="wedding, marry, partnership",
    ),
    "change-of-name": _service(
        "Change of name",
        30,
        "Change a first or family name, with advice on what is needed.",
        bring=[ID, "your birth certificate"],
        fee="150 euros",
        keywords="rename, family name",
    ),
    "driving-licence": _service(
        "Driving licence",
        15,
        "Apply for a first licence, or renew one that runs out.",
        bring=[PHOTO, ID, "the report of an eye test"],
        fee="55 euros",
        keywords="driver, car",
    ),
    "exchange-licence": _service(
        "Exchange a foreign driving licence",
        20,
        "Exchange a licence of another country for one of ours.",
        bring=[PHOTO, ID, "your licence, with a translation"],
        fee="45 euros",
        keywords="driver, abroad, car",
    ),
    "vehicle-registration": _service(
        "Register a vehicle",
        15,
        "Register a new or used vehicle, or change its owner.",
        bring=["the registration document", "proof of insurance", ID],
        fee="34 euros, and the plates",
        keywords="car, motorbike, number plate",
        max_quantity=3,
    ),
    "business-registration": _service(
        "Register a business",
        30,
        "Begin a trade in Larkhaven, or change where or what it is.",
        bring=[ID, "permits, where your trade needs them"],
        fee="40 euros",
        keywords="trade, company, self-employed",
    ),
    "planning-advice": _service(
        "Planning advice",
        60,
        "Talk your building project over before you apply.",
        bring=["a site plan", "sketches or photos"],
        fee="free for the first hour",
        keywords="building permit, construction, extension",
    ),
    "records-search": _service(
        "Search of old records",
        45,
        "Arranged by the archive after you have written to us.",
        bring=[ID],
        fee="25 euros an hour",
        keywords="archive, ancestors, family history",
    ),
}
