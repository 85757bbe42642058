"""Larkhaven in Spanish: the services that most people come for, and the offices."""

from appointments.demo.words.wording import office, service

FOTO = "una foto de hace menos de seis meses"
DOCUMENTO = "su documento de identidad o pasaporte"

SERVICES = {
    "identity-card": service(
        "Documento de identidad",
        "Solicite un nuevo documento de identidad, para usted o para un menor.",
        bring=[FOTO, "su documento anterior, si lo tiene", "un acta de nacimiento"],
        fee="28 euros; 15 euros para menores de 24 años",
        keywords="DNI, carné",
    ),
    "passport": service(
        "Pasaporte",
        "Solicite un pasaporte. Está listo en unas tres semanas.",
        bring=[FOTO, DOCUMENTO, "para un menor: el permiso de ambos padres"],
        fee="60 euros; 35 euros para menores de 24 años",
        keywords="viaje",
    ),
    "collect-document": service(
        "Recoger un pasaporte o documento de identidad",
        "Recoja lo que solicitó cuando le hayamos escrito.",
        bring=["su documento anterior", "nuestra carta"],
    ),
    "register-address": service(
        "Empadronamiento",
        "Díganos que se ha mudado a Larkhaven o dentro de la ciudad. Las familias "
        "vienen una sola vez.",
        bring=[DOCUMENTO, "la confirmación de quien alquila la vivienda"],
        keywords="mudanza, cambio de domicilio, padrón",
    ),
    "residence-certificate": service(
        "Certificado de residencia",
        "Una hoja que dice dónde vive usted.",
        bring=[DOCUMENTO],
        fee="10 euros",
        keywords="empadronamiento",
    ),
    "certified-copy": service(
        "Copias compulsadas",
        "Certificamos que una copia es igual a su original.",
        bring=["el original", "la copia, si ya la tiene"],
        fee="4 euros por página",
    ),
    "library-card": service(
        "Carné de biblioteca",
        "Un carné para la biblioteca municipal y todas sus sucursales.",
        bring=[DOCUMENTO],
        fee="12 euros al año; gratis para menores de 18 años",
        keywords="libros",
    ),
    "parking-permit": service(
        "Tarjeta de aparcamiento para residentes",
        "Aparque en su barrio sin pagar cada vez.",
        bring=[DOCUMENTO, "el permiso de circulación"],
        fee="30 euros al año",
        keywords="coche",
    ),
    "dog-licence": service(
        "Registrar un perro",
        "Registre un perro que ha llegado a su casa.",
        bring=["el número de chip del perro"],
        fee="20 euros al año",
        keywords="mascota, animales",
    ),
    "housing-benefit": service("Ayuda a la vivienda: asesoramiento"),
    "birth-certificate": service(
        "Acta de nacimiento",
        "Una nueva copia del acta de un nacimiento en Larkhaven.",
        bring=[DOCUMENTO],
        fee="12 euros por copia",
        keywords="partida, familia",
    ),
    "register-birth": service("Inscribir un nacimiento", keywords="bebé"),
    "notice-of-marriage": service("Expediente de matrimonio", keywords="boda, casarse"),
    "driving-licence": service(
        "Permiso de conducir",
        "Solicite su primer permiso o renueve el que caduca.",
        bring=[FOTO, DOCUMENTO, "el resultado de una prueba de la vista"],
        fee="55 euros",
        keywords="carné, coche",
    ),
    "exchange-licence": service("Canje de un permiso de conducir extranjero"),
    "vehicle-registration": service("Matricular un vehículo"),
}

OFFICES = {
    "town-hall": office(
        "Ayuntamiento, atención ciudadana",
        "Casi todo lo que necesita un hogar, en una sala de la planta baja. Tome "
        "asiento: la pantalla le llamará.",
        accessibility=[
            "Entrada sin escalones desde la plaza del mercado",
            "Aseo accesible en silla de ruedas",
            "Bucle magnético en los mostradores 1 y 2",
            "Dos plazas de aparcamiento reservadas en la entrada lateral",
        ],
        keywords="municipio, alcaldía",
    ),
    "harbour": office("Oficina y biblioteca del puerto"),
    "registry": office(
        "Registro civil",
        "Nacimientos, matrimonios y nombres, en la antigua aduana.",
        accessibility=[
            "Rampa en la puerta del jardín",
            "Sala de espera tranquila",
            "Lengua de signos con cita",
        ],
    ),
    "licensing": office("Vehículos y permisos de conducir"),
}

REASONS = {"Training": "Formación"}
