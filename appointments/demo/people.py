"""Who works in Larkhaven, and what its citizens are called. All invented."""

from offices.roles import Role

# Printed for whoever tries the demo; never made outside one's own desk.
PASSWORD = "larks-over-the-harbour"  # noqa: S105

ADMIN = ("admin@example.org", "Ada Lindqvist")
CITIZEN = ("citizen@example.org", "Noor Castellan")

# Everybody who works at an office: e-mail address, name, role, position.
STAFF = {
    "town-hall": [
        ("manager@example.org", "Oisín Harrowgate", Role.MANAGER, "Head of office"),
        ("secretary@example.org", "Yuki Brandvold", Role.SECRETARY, "Secretary"),
        ("reception@example.org", "Samuel Okonjo", Role.RECEPTION, "Reception"),
        ("host@example.org", "Róisín Adeyemi", Role.HOST, "Adviser"),
        ("matteo.brannick@example.org", "Matteo Brannick", Role.HOST, "Registrar"),
    ],
    "harbour": [
        ("greta.olofsen@example.org", "Greta Olofsen", Role.MANAGER, "Head of office"),
    ],
    "registry": [
        ("farid.quillane@example.org", "Farid Quillane", Role.MANAGER, "Registrar"),
        ("matteo.brannick@example.org", "Matteo Brannick", Role.HOST, "Registrar"),
        ("ines.vandermole@example.org", "Inês Vandermole", Role.HOST, "Registrar"),
        ("hana.osterby@example.org", "Hana Österby", Role.HOST, "Registrar"),
        ("declan.abara@example.org", "Declan Abara", Role.HOST, "Archivist"),
    ],
    "licensing": [
        ("priya.stonewell@example.org", "Priya Stonewell", Role.MANAGER, "Head"),
        ("jonas.mbeki@example.org", "Jonas Mbeki-Lund", Role.RECEPTION, "Reception"),
    ],
    "planning": [
        ("leila.thornbury@example.org", "Leila Thornbury", Role.MANAGER, "Head"),
        ("bo.castellan@example.org", "Bo Castellan", Role.SECRETARY, "Secretary"),
        ("marek.silverdale@example.org", "Marek Silverdale", Role.HOST, "Planner"),
        ("thandi.rosewood@example.org", "Thandi Rosewood", Role.HOST, "Planner"),
        ("kaito.fenwright@example.org", "Kaito Fenwright", Role.HOST, "Surveyor"),
        ("ewa.moorcock@example.org", "Ewa Moorcock-Diaz", Role.HOST, "Trade adviser"),
    ],
    "gannet-cove": [
        ("joan.whitecap@example.org", "Joan Whitecap", Role.MANAGER, "Head of house"),
        ("amir.saltmarsh@example.org", "Amir Saltmarsh", Role.HOST, "Adviser"),
        ("tess.oakhaven@example.org", "Tess Oakhaven", Role.RECEPTION, "Reception"),
    ],
}

FIRST_NAMES = [
    *("Aisha", "Alejandro", "Anneli", "Arjun", "Beatriz", "Brigid", "Cem", "Chidi"),
    *("Ciarán", "Dagny", "Daria", "Eilís", "Emeka", "Fatou", "Fionn", "Freya"),
    *("Giulia", "Hassan", "Ilse", "Ivo", "Jamila", "Jun", "Katya", "Kofi", "Lakshmi"),
    *("Liam", "Linh", "Lucía", "Magnus", "Mairéad", "Mei", "Milan", "Nadia", "Niamh"),
    *("Olu", "Paavo", "Petra", "Rafael", "Saoirse", "Sigrid", "Sunita", "Tariq"),
    *("Tomasz", "Ugo", "Vera", "Wanjiru", "Xavier", "Ximena", "Yusuf", "Zofia"),
]
LAST_NAMES = [
    *("Achebe-Moore", "Amberley", "Barnacle", "Bergstrand", "Bhattal", "Brookmire"),
    *("Calloway", "Cheng", "Coldwater", "Dapaah", "Driftwood", "Eastmoor", "Eklund"),
    *("Farrowdale", "Feverlane", "Garrick", "Gullwing", "Haddock", "Heatherlea"),
    *("Ibarrondo", "Inkpen", "Jasperson", "Kaya", "Kestrel", "Kowalczuk", "Larkspur"),
    *("Lindenhall", "Marrow", "Mbatha", "Merriweather", "Nakashima", "Netherby"),
    *("Oduya", "Otterburn", "Pellegrin", "Penhallow", "Quince", "Rahimi", "Rookwood"),
    *("Saltash", "Seaborne", "Silva-Reed", "Tamarisk", "Thistlewood", "Umberfield"),
    *("Vasquez-Hill", "Wrenfield", "Yarrow", "Yilmazel", "Zephyrine"),
]


def accounts():
    """The accounts to try first, and what each may do."""
    yield ADMIN[0], "everything, everywhere"
    for email, _name, role, _position in STAFF["town-hall"][:4]:
        yield email, f"{role.label} at the Town Hall"
    email, _name, role, _position = STAFF["planning"][0]
    yield email, f"{role.label} at Planning, which decides requests"
    email, _name, role, _position = STAFF["gannet-cove"][0]
    yield email, f"{role.label} in Gannet Cove, in another time zone"
    yield CITIZEN[0], "a citizen with an account"
