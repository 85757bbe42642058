"""Larkhaven in German: nearly all of it."""

from appointments.demo.words.wording import office, service

FOTO = "ein Foto, nicht älter als sechs Monate"
AUSWEIS = "Ihren Personalausweis oder Reisepass"

SERVICES = {
    "identity-card": service(
        "Personalausweis",
        "Beantragen Sie einen neuen Personalausweis, für sich oder für ein Kind.",
        bring=[FOTO, "Ihren alten Ausweis, falls vorhanden", "eine Geburtsurkunde"],
        fee="28 Euro; unter 24 Jahren 15 Euro",
        keywords="Ausweis, Perso",
    ),
    "passport": service(
        "Reisepass",
        "Beantragen Sie einen Reisepass. Er ist nach etwa drei Wochen fertig.",
        bring=[FOTO, AUSWEIS, "für ein Kind: die Zustimmung beider Eltern"],
        fee="60 Euro; unter 24 Jahren 35 Euro",
        keywords="Pass, Reise",
    ),
    "collect-document": service(
        "Reisepass oder Personalausweis abholen",
        "Holen Sie ab, was Sie beantragt haben, sobald wir Ihnen geschrieben haben.",
        bring=["Ihr altes Dokument", "unseren Brief"],
        keywords="Abholung",
    ),
    "register-address": service(
        "Wohnung anmelden",
        "Sagen Sie uns, dass Sie nach Larkhaven oder innerhalb der Stadt umgezogen "
        "sind. Familien kommen einmal.",
        bring=[AUSWEIS, "die Bestätigung der Wohnungsgeberin oder des -gebers"],
        keywords="Umzug, ummelden, Anmeldung, Meldestelle, Wohnsitz",
    ),
    "residence-certificate": service(
        "Meldebescheinigung",
        "Ein Blatt, auf dem steht, wo Sie wohnen.",
        bring=[AUSWEIS],
        fee="10 Euro",
        keywords="Wohnsitz, Nachweis",
    ),
    "certified-copy": service(
        "Beglaubigte Kopien",
        "Wir bestätigen, dass eine Kopie ihrem Original gleicht.",
        bring=["das Original", "die Kopie, falls Sie schon eine haben"],
        fee="4 Euro je Seite",
        keywords="Beglaubigung, Urkunden",
    ),
    "library-card": service(
        "Bibliotheksausweis",
        "Ein Ausweis für die Stadtbibliothek und all ihre Zweigstellen.",
        bring=[AUSWEIS],
        fee="12 Euro im Jahr; unter 18 Jahren frei",
        keywords="Bücherei, Bücher, lesen",
    ),
    "parking-permit": service(
        "Bewohnerparkausweis",
        "Parken Sie im eigenen Viertel, ohne jedes Mal zu zahlen.",
        bring=[AUSWEIS, "den Fahrzeugschein"],
        fee="30 Euro im Jahr",
        keywords="Auto, parken, Anwohner",
    ),
    "dog-licence": service(
        "Hund anmelden",
        "Melden Sie einen Hund an, der bei Ihnen eingezogen ist.",
        bring=["die Chipnummer des Hundes"],
        fee="20 Euro im Jahr",
        keywords="Hundesteuer, Haustier",
    ),
    "housing-benefit": service(
        "Wohngeld: Beratung",
        "Wir sehen Ihre Unterlagen gemeinsam durch und sagen, was Ihnen zusteht.",
        bring=["Ihren Mietvertrag", "Ihr Einkommen aus drei Monaten"],
        keywords="Miete, Zuschuss",
    ),
    "birth-certificate": service(
        "Geburtsurkunde",
        "Eine neue Ausfertigung über eine Geburt in Larkhaven.",
        bring=[AUSWEIS],
        fee="12 Euro je Ausfertigung",
        keywords="Urkunde, Familie",
    ),
    "register-birth": service(
        "Geburt anzeigen",
        "Herzlichen Glückwunsch! Melden Sie Ihr Kind innerhalb eines Monats an.",
        bring=["die Anzeige der Klinik", "die Ausweise beider Eltern"],
        keywords="Baby, Neugeborenes, Kind",
    ),
    "notice-of-marriage": service(
        "Eheschließung anmelden",
        "Kommen Sie zu zweit, mindestens drei Monate vor dem Tag.",
        bring=["beide Geburtsurkunden", "beide Personalausweise"],
        fee="200 Euro",
        keywords="Hochzeit, Heirat, Trauung",
    ),
    "change-of-name": service(
        "Namensänderung",
        "Ändern Sie einen Vor- oder Familiennamen; wir beraten, was nötig ist.",
        bring=[AUSWEIS, "Ihre Geburtsurkunde"],
        fee="150 Euro",
    ),
    "driving-licence": service(
        "Führerschein",
        "Beantragen Sie den ersten Führerschein oder erneuern Sie einen.",
        bring=[FOTO, AUSWEIS, "das Ergebnis eines Sehtests"],
        fee="55 Euro",
        keywords="Fahrerlaubnis, Auto",
    ),
    "exchange-licence": service(
        "Ausländischen Führerschein umschreiben",
        "Tauschen Sie einen Führerschein eines anderen Landes gegen einen von hier.",
        bring=[FOTO, AUSWEIS, "Ihren Führerschein mit Übersetzung"],
        fee="45 Euro",
        keywords="Umschreibung, Ausland",
    ),
    "vehicle-registration": service(
        "Fahrzeug zulassen",
        "Lassen Sie ein neues oder gebrauchtes Fahrzeug zu, oder schreiben Sie es um.",
        bring=["die Fahrzeugpapiere", "den Versicherungsnachweis", AUSWEIS],
        fee="34 Euro, dazu die Schilder",
        keywords="Auto, Motorrad, Kennzeichen, Kfz-Zulassung",
    ),
    "business-registration": service(
        "Gewerbe anmelden",
        "Beginnen Sie ein Gewerbe in Larkhaven, oder ändern Sie Ort oder Art.",
        bring=[AUSWEIS, "Erlaubnisse, wo Ihr Gewerbe sie braucht"],
        fee="40 Euro",
        keywords="Firma, selbständig",
    ),
    "planning-advice": service(
        "Bauberatung",
        "Sprechen Sie Ihr Bauvorhaben durch, bevor Sie es beantragen.",
        bring=["einen Lageplan", "Skizzen oder Fotos"],
        fee="die erste Stunde ist frei",
        keywords="Baugenehmigung, Anbau",
    ),
}

OFFICES = {
    "town-hall": office(
        "Rathaus, Bürgerbüro",
        "Fast alles, was ein Haushalt braucht, in einem Raum im Erdgeschoss. Nehmen "
        "Sie Platz: Die Anzeige ruft Sie auf.",
        accessibility=[
            "Stufenloser Eingang vom Marktplatz",
            "Rollstuhlgerechte Toilette",
            "Induktionsschleife an den Schaltern 1 und 2",
            "Zwei Behindertenparkplätze am Seiteneingang",
        ],
        keywords="Bürgeramt, Stadtverwaltung",
    ),
    "harbour": office(
        "Büro und Bibliothek im Hafenviertel",
        "Wegen Umbaus geschlossen. <strong>Bitte gehen Sie ins Rathaus</strong>, zehn "
        "Minuten zu Fuß von hier.",
        accessibility=["Aufzug zum Lesesaal", "Stufenlos vom Kai"],
        keywords="Bücherei, Hafen",
    ),
    "registry": office(
        "Standesamt",
        "Geburten, Ehen und Namen, im alten Zollhaus. Getraut wird im Gartenzimmer.",
        accessibility=[
            "Rampe am Gartentor",
            "Ruhiger Warteraum",
            "Gebärdensprache nach Absprache",
        ],
        keywords="Hochzeit, Familie, Trauung",
    ),
    "licensing": office(
        "Fahrzeuge und Führerscheine",
        "Schilder werden nebenan gemacht, während Sie warten.",
        accessibility=["Alles auf einer Ebene", "Parkplätze vor dem Eingang"],
        keywords="Kfz-Zulassungsstelle, Kennzeichen",
    ),
    "planning": office(
        "Bauen und Gewerbe",
        "Sagen Sie in einem Satz, was Sie vorhaben: Wir sehen jede Anfrage an und "
        "bestätigen die Zeit, meist am selben Tag.",
        accessibility=["Aufzug in den zweiten Stock", "Tische für Rollstühle"],
        keywords="Bauamt, Firma",
    ),
    "gannet-cove": office(
        "Larkhaven-Haus, Gannet Cove",
        "Unser Haus in der Partnerstadt jenseits des Ozeans, für Leute aus Larkhaven, "
        "die dort leben. Die Zeiten sind die von Gannet Cove.",
        accessibility=["Eine Stufe am Eingang; klingeln Sie, wir bringen die Rampe"],
        keywords="Ausland, Konsulat",
    ),
}

REASONS = {"Training": "Schulung"}
