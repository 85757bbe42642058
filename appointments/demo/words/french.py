"""Larkhaven in French: the services that most people come for, and the offices."""

from appointments.demo.words.wording import office, service

PHOTO = "une photo de moins de six mois"
PIECE = "votre carte d’identité ou votre passeport"

SERVICES = {
    "identity-card": service(
        "Carte d’identité",
        "Demandez une nouvelle carte d’identité, pour vous ou pour un enfant.",
        bring=[
            PHOTO,
            "votre ancienne carte, si vous en avez une",
            "un acte de naissance",
        ],
        fee="28 euros ; 15 euros avant 24 ans",
        keywords="pièce d’identité, papiers",
    ),
    "passport": service(
        "Passeport",
        "Demandez un passeport. Il est prêt au bout de trois semaines environ.",
        bring=[PHOTO, PIECE, "pour un enfant : l’accord des deux parents"],
        fee="60 euros ; 35 euros avant 24 ans",
        keywords="voyage, papiers",
    ),
    "collect-document": service(
        "Retirer un passeport ou une carte d’identité",
        "Retirez ce que vous avez demandé, dès que nous vous avons écrit.",
        bring=["votre ancien document", "notre lettre"],
        keywords="retrait",
    ),
    "register-address": service(
        "Déclarer un déménagement",
        "Dites-nous que vous vous êtes installé à Larkhaven, ou que vous y avez "
        "changé d’adresse. Une famille ne vient qu’une fois.",
        bring=[PIECE, "l’attestation de la personne qui loue le logement"],
        keywords="changement d’adresse, domicile, inscription",
    ),
    "residence-certificate": service(
        "Attestation de domicile",
        "Une feuille qui dit où vous habitez.",
        bring=[PIECE],
        fee="10 euros",
        keywords="justificatif, résidence",
    ),
    "certified-copy": service(
        "Copies certifiées conformes",
        "Nous certifions qu’une copie est conforme à l’original.",
        bring=["l’original", "la copie, si vous l’avez déjà faite"],
        fee="4 euros la page",
    ),
    "library-card": service(
        "Carte de bibliothèque",
        "Une carte pour la bibliothèque municipale et toutes ses annexes.",
        bring=[PIECE],
        fee="12 euros par an ; gratuit avant 18 ans",
        keywords="livres, lecture",
    ),
    "parking-permit": service(
        "Carte de stationnement pour résidents",
        "Garez-vous dans votre quartier sans payer à chaque fois.",
        bring=[PIECE, "la carte grise de votre voiture"],
        fee="30 euros par an",
        keywords="voiture, parking",
    ),
    "dog-licence": service(
        "Déclarer un chien",
        "Déclarez un chien qui est venu vivre chez vous.",
        bring=["le numéro de puce du chien"],
        fee="20 euros par an",
        keywords="animaux",
    ),
    "housing-benefit": service(
        "Aide au logement : conseil",
        "Nous regardons vos papiers ensemble et disons à quoi vous avez droit.",
        bring=["votre bail", "vos revenus de trois mois"],
        keywords="loyer, allocation",
    ),
    "birth-certificate": service(
        "Acte de naissance",
        "Une nouvelle copie de l’acte d’une naissance à Larkhaven.",
        bring=[PIECE],
        fee="12 euros la copie",
        keywords="état civil, famille",
    ),
    "register-birth": service(
        "Déclarer une naissance",
        "Félicitations ! Déclarez votre enfant dans le mois.",
        bring=["l’avis de l’hôpital", "les cartes d’identité des deux parents"],
        keywords="bébé, enfant",
    ),
    "notice-of-marriage": service(
        "Dossier de mariage",
        "Venez ensemble, au moins trois mois avant le jour.",
        bring=["les deux actes de naissance", "les deux cartes d’identité"],
        fee="200 euros",
        keywords="se marier, noces",
    ),
    "driving-licence": service(
        "Permis de conduire",
        "Demandez un premier permis, ou renouvelez celui qui expire.",
        bring=[PHOTO, PIECE, "le résultat d’un test de la vue"],
        fee="55 euros",
        keywords="voiture, conducteur",
    ),
    "exchange-licence": service("Échanger un permis de conduire étranger"),
    "vehicle-registration": service("Immatriculer un véhicule", keywords="carte grise"),
    "business-registration": service("Déclarer une activité commerciale"),
    "planning-advice": service("Conseil en urbanisme", keywords="permis de construire"),
}

OFFICES = {
    "town-hall": office(
        "Mairie, accueil des habitants",
        "Presque tout ce qu’il faut à un foyer, dans une salle au rez-de-chaussée. "
        "Asseyez-vous : l’écran vous appelle.",
        accessibility=[
            "Entrée de plain-pied par la place du marché",
            "Toilettes accessibles en fauteuil roulant",
            "Boucle magnétique aux guichets 1 et 2",
            "Deux places de parking réservées près de l’entrée latérale",
        ],
        keywords="hôtel de ville, mairie",
    ),
    "harbour": office(
        "Bureau et bibliothèque du port",
        "Fermé pour travaux. <strong>Allez s’il vous plaît à la mairie</strong>, à "
        "dix minutes à pied.",
        accessibility=["Ascenseur vers la salle de lecture", "De plain-pied du quai"],
    ),
    "registry": office(
        "État civil",
        "Naissances, mariages et noms, dans l’ancienne douane. Les cérémonies ont lieu "
        "dans le salon du jardin.",
        accessibility=[
            "Rampe à la porte du jardin",
            "Salle d’attente calme",
            "Langue des signes sur demande",
        ],
        keywords="mariage, famille",
    ),
    "licensing": office(
        "Véhicules et permis",
        "Les plaques sont faites à côté pendant que vous attendez.",
        accessibility=["Tout de plain-pied", "Parking devant l’entrée"],
    ),
    "planning": office("Urbanisme et commerce"),
}

REASONS = {"Training": "Formation"}
