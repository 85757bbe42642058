"""Made-up values as SQL: the same for the same row, each time.

Addresses end in example.org (RFC 2606), which takes no mail; numbers are those that
Germany keeps for films. What is empty stays empty.
"""

FIRST = (
    "Ada Alan Alma Anton Bela Carla Clara Cora David Dora Edgar Elif Emil Erna "
    "Fatma Felix Frida Georg Greta Hanna Henri Ida Ines Ivan Jana Jonas Karim Karla "
    "Lea Leon Lina Maja Marek Mila Nora Omar Paula Rosa Simon Vera"
)
LAST = (
    "Abel Adler Ahrens Albers Amsel Arendt Bach Becker Berg Blum Brandt Busch Demir "
    "Dorn Eder Ernst Falk Fink Frey Gruber Haas Hahn Kaya Keller Klein Kraus Lang "
    "Lenz Marx Nagel Novak Otto Pohl Reuter Roth Sommer Stein Vogel Weiss Winter"
)
SENTENCES = [
    "The old one has expired.",
    "I have moved, and need it by the end of the month.",
    "First time, please explain what to bring.",
    "Two of us are coming.",
    "A step-free entrance would help.",
    "I need it for a journey.",
    "It was lost.",
    "Please speak slowly.",
]
# Of these, no two rows may be alike: (table's short name, number of the row).
EMAIL = "'{table}' || {row}::text || '@example.org'"
PHONE = "'+493023125' || lpad(({number} % 1000)::text, 3, '0')"
MACHINE = "%@machines.invalid"  # accounts of programs: no address at all
PURGED = "#%"  # a recipient that has been taken out already


def expression(fake, column, *, table, kind, number):
    """SQL for the made-up value of a column.

    `kind` is its type in information_schema and `number` SQL for a whole number that
    is the row's own, not below 0.
    """
    made = {
        "name": f"{_one_of(FIRST.split(), number)} || ' ' || "
        f"{_one_of(LAST.split(), f'({number} / {len(FIRST.split())})')}",
        "email": EMAIL.format(table=table.rpartition("_")[2], row="id"),
        "phone": PHONE.format(number=number),
        "sentence": _one_of(SENTENCES, number),
        "counter": "'Counter ' || id::text",
        "password": "'!' || md5(random()::text || id::text)",
    }
    if fake == "emptied":
        return {"jsonb": "'{}'::jsonb", "uuid": "NULL"}.get(kind, "''")
    if fake == "recipient":
        made["recipient"] = (
            f"CASE WHEN channel = 'sms' THEN {made['phone']} ELSE {made['email']} END"
        )
    return (
        f"CASE WHEN {column} = '' OR {column} LIKE '{MACHINE}' "
        f"OR {column} LIKE '{PURGED}' THEN {column} ELSE {made[fake]} END"
    )


def _one_of(words, number):
    told = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{told}])[1 + {number} % {len(words)}]"
