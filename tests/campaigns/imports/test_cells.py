"""What a cell says: never something else than it was meant to, and what may mean two things is asked."""

from datetime import date

import openpyxl
import pytest

from campaigns.imports.formats.known_formats import recognise
from campaigns.imports.mapping.column_mapping import ColumnMapping
from campaigns.imports.warnings import sentences
from campaigns.models import Campaign, Client, Platform, Sale, Spend
from tests.campaigns.imports.importing import examined, imported, written
from tests.factories import CampaignFactory, ClientFactory, MemberFactory, PlatformFactory
from timesheets.models import TimeEntry

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HOURS = "date,email,platform,campaign,hours\n"
META = "Day,Campaign name,Amount spent (EUR)\n"
TOGGL = "User,Email,Client,Project,Description,Start date,Start time,Duration,Tags\n"


@pytest.fixture(autouse=True)
def here():
    MemberFactory(name="Noa Brandt", email="noa@example.com")
    PlatformFactory(name="Facebook")


def asked(findings):
    return [question["ask"] for question in findings.questions]


def said(findings_or_run):
    return " ".join(sentences(findings_or_run.remarks))


# -- durations --------------------------------------------------------------------------------------------------------


def timed(header, *values):
    rows = "".join(f"2026-03-{number:02d},noa@example.com,Facebook,{value}\n" for number, value in enumerate(values, 2))
    return f"date,email,platform,{header}\n{rows}"


@pytest.mark.parametrize(
    ("header", "values", "minutes"),
    [
        ("Duration (minutes)", (15, 20), [15, 20]),
        ("Dauer in Minuten", (15, 90), [15, 90]),
        ("timeSpentSeconds", (5400, 60), [90, 1]),
        ("Duration (decimal)", (1.5, 8), [90, 480]),
        ("Duration (minutes)", ("1:30", "2h"), [90, 120]),
    ],
)
def test_the_header_says_what_the_numbers_of_a_duration_count(tmp_path, header, values, minutes):
    path = written(tmp_path, timed(header, *values))
    imported(path, "hours", mapping=ColumnMapping(columns={"duration": header}))
    assert list(TimeEntry.objects.order_by("day").values_list("minutes", flat=True)) == minutes


@pytest.mark.parametrize("values", [(15, 20), (90,), (8, 45)])
def test_numbers_that_may_be_minutes_are_asked_about_when_the_header_does_not_tell(tmp_path, values):
    path = written(tmp_path, timed("Time", *values))
    columns = {"duration": "Time"}
    assert asked(examined(path, "hours", mapping=ColumnMapping(columns=columns))) == ["duration_unit"]
    imported(path, "hours", mapping=ColumnMapping(columns=columns, options={"duration_unit": "minutes"}))
    assert list(TimeEntry.objects.order_by("day").values_list("minutes", flat=True)) == list(values)


@pytest.mark.parametrize("values", [(1, 8), (1.5, 7), ("15:00", "20:00"), (0.25, 0.5)])
def test_numbers_that_are_hours_are_not_asked_about(tmp_path, values):
    path = written(tmp_path, timed("Time", *values))
    assert not asked(examined(path, "hours", mapping=ColumnMapping(columns={"duration": "Time"})))


def test_parts_of_a_day_in_a_workbook_are_asked_about(tmp_path):
    book = openpyxl.Workbook()
    for row in (["date", "email", "platform", "Time"], [date(2026, 3, 2), "noa@example.com", "Facebook", 5 / 96]):
        book.active.append(row)
    book.save(path := tmp_path / "file.xlsx")
    columns = {"duration": "Time"}
    assert asked(examined(path, "hours", mapping=ColumnMapping(columns=columns))) == ["duration_unit"]
    imported(path, "hours", mapping=ColumnMapping(columns=columns, options={"duration_unit": "days"}))
    assert TimeEntry.objects.get().minutes == 75


# -- days -------------------------------------------------------------------------------------------------------------


def test_a_period_or_a_remark_in_a_day_is_an_error(tmp_path):
    rows = "2026-03-02 to 2026-03-06,noa@example.com,Facebook,,5\n2026-03-03 cancelled,noa@example.com,Facebook,,1\n"
    findings = examined(written(tmp_path, HOURS + rows), "hours")
    assert [(error.line, error.code) for error in findings.errors] == [(2, "a_period"), (3, "not_a_date")]


def test_an_instant_in_a_column_of_days_is_of_the_day_that_it_is_at_the_agency(tmp_path):
    text = "external_id,sold_on,amount\nS1,2026-03-08T23:30:00Z,100\nS2,2026-03-08T09:00:00Z,100\n"
    imported(written(tmp_path, text), "sales")
    assert list(Sale.objects.order_by("external_id").values_list("sold_on", flat=True)) == [
        date(2026, 3, 9),
        date(2026, 3, 8),
    ]


def test_a_column_whose_every_time_is_midnight_holds_days_as_written(tmp_path):
    text = "external_id,sold_on,amount\nS1,2026-03-08T00:00:00-05:00,100\n"
    imported(written(tmp_path, text), "sales")
    assert Sale.objects.get().sold_on == date(2026, 3, 8)


def test_years_of_two_digits_are_asked_about(tmp_path):
    path = written(tmp_path, "external_id,sold_on,amount\nS1,02/03/26,100\n")
    findings = examined(path, "sales")
    assert not findings.errors
    assert [(question["ask"], question["detail"]) for question in findings.questions] == [("date_order", "short_years")]
    assert "which comes first in 02/03/26?" in next(findings.sentences())
    imported(path, "sales", mapping=ColumnMapping(options={"date_order": "ymd"}))
    assert Sale.objects.get().sold_on == date(2002, 3, 26)


def test_days_that_a_spreadsheet_turned_around_are_said(tmp_path):
    text = "external_id,sold_on,amount\nS1,2026-02-03,100\nS2,13/02/2026,100\n"
    assert "may have taken their day for the month" in said(examined(written(tmp_path, text), "sales"))


# -- what nothing looks at --------------------------------------------------------------------------------------------


def test_columns_that_nothing_looks_at_are_said_together(tmp_path):
    text = "external_id,sold_on,amount,Fee,Net,Empty\nS1,2026-03-02,100,3,97,\n"
    run = imported(written(tmp_path, text), "sales")
    assert said(run) == "Nothing looks at the columns “Fee”, “Net”."


def test_tags_beside_the_platform_are_said(tmp_path):
    row = 'Noa Brandt,noa@example.com,Acme,Spring,,2026-03-02,09:00:00,02:00:00,"urgent, Facebook"\n'
    run = imported(written(tmp_path, TOGGL + row), "hours", creating=True)
    assert TimeEntry.objects.get().platform.name == "Facebook"
    assert said(run) == "Nothing looks at the tag “urgent”."


@pytest.mark.parametrize("tags", ["Facebook, LinkedIn", "Facebook, Pinterest"])
def test_two_platforms_in_one_tag_are_asked_about_and_never_created(tmp_path, tags):
    PlatformFactory(name="LinkedIn")
    path = written(tmp_path, f'{TOGGL}Noa Brandt,noa@example.com,Acme,Spring,,2026-03-02,09:00:00,02:00:00,"{tags}"\n')
    findings = examined(path, "hours", creating=True)
    assert [(question["sort"], question["reason"]) for question in findings.questions] == [("platform", "several")]
    assert f'platform,"{tags}",NAME' in next(findings.sentences())
    mapping = ColumnMapping()
    mapping.map_name("platform", tags, "Facebook")
    imported(path, "hours", mapping=mapping, creating=True)
    assert TimeEntry.objects.get().platform.name == "Facebook"


# -- amounts ----------------------------------------------------------------------------------------------------------

SPEND = "external_id,platform,campaign,starts_on,ends_on,amount\n"
DEALS = "Record ID,Deal Name,Deal Stage,Amount,Close Date\n"


@pytest.mark.parametrize("nothing", ["--", "-", "—", "n/a"])
def test_what_programs_write_for_nothing_is_no_spend_and_said(tmp_path, nothing):
    rows = f"a,Facebook,,2026-03-02,2026-03-02,{nothing}\nb,Facebook,,2026-03-02,2026-03-02,12\n"
    run = imported(written(tmp_path, SPEND + rows), "spend")
    assert Spend.objects.get().amount_cents == 1200
    assert "1 row has an amount of 0" in said(run)


def test_an_empty_amount_of_our_own_format_is_an_error(tmp_path):
    [error] = examined(written(tmp_path, f"{SPEND}a,Facebook,,2026-03-02,2026-03-02,\n"), "spend").errors
    assert error.code == "missing_value"


def test_a_won_deal_without_an_amount_is_left_out_and_said(tmp_path):
    run = imported(written(tmp_path, f"{DEALS}d1,A,closedwon,,2026-03-02\nd2,B,closedwon,100,2026-03-02\n"), "sales")
    assert Sale.objects.get().amount_cents == 10_000
    assert said(run) == "1 won deal has no amount and is left out: line 2."


@pytest.mark.parametrize(
    ("written_amount", "cents"), [("1.005", 101), ("12.3456", 1235), ("0.0449", 4), ("-3.505", -351)]
)
def test_decimals_below_the_cent_are_rounded_and_said(tmp_path, written_amount, cents):
    mapping = ColumnMapping(options={"decimal": "point"})
    row = f"a,Facebook,,2026-03-02,2026-03-02,{written_amount}\n"
    run = imported(written(tmp_path, SPEND + row), "spend", mapping=mapping)
    assert Spend.objects.get().amount_cents == cents
    assert "is rounded to the cent (line 2)" in said(run)


def test_a_credit_of_an_ad_account_is_taken_off_and_said(tmp_path):
    text = f"{META}2026-03-01,Spring,-3.50\n2026-03-02,Spring,10\n"
    run = imported(written(tmp_path, text), "spend", creating=True)
    assert sum(Spend.objects.values_list("amount_cents", flat=True)) == 650
    assert "1 row is a credit" in said(run)
    assert imported(written(tmp_path, text), "spend", creating=True).counts["written"] == {"same": 2}


# -- names ------------------------------------------------------------------------------------------------------------


def test_names_that_look_the_same_are_the_same(tmp_path):
    rows = "2026-03-02,noa@example.com,Face\u200bbook,,1\n2026-03-03,noa@example.com,\u200eFacebook,,1\n"
    imported(written(tmp_path, HOURS + rows), "hours", creating=True)
    assert Platform.objects.count() == 1


def test_what_is_made_of_a_name_holds_nothing_invisible(tmp_path):
    imported(written(tmp_path, f"{HOURS}2026-03-02,noa@example.com,Thr\u200beads,,1\n"), "hours", creating=True)
    assert Platform.objects.filter(name="Threads").exists()


def test_a_long_name_with_slashes_is_one_campaign_of_the_own_brand(tmp_path):
    name = f"EU / Prospecting / {'Lookalike ' * 37}".strip()
    assert 380 < len(name) <= 400
    path = written(tmp_path, f"{META}2026-03-02,{name},10\n")
    imported(path, "spend", creating=True)
    campaign = Campaign.objects.get(name=name)
    assert campaign.client.is_own_brand
    assert not Client.objects.filter(name="EU").exists()
    assert imported(path, "spend", creating=True).counts["written"] == {"same": 1}


def test_a_client_is_made_of_a_name_with_slashes_where_a_person_says_so(tmp_path):
    mapping = ColumnMapping()
    mapping.map_name("campaign", "EU / Prospecting", "Acme / Prospecting")
    imported(written(tmp_path, f"{META}2026-03-02,EU / Prospecting,10\n"), "spend", mapping=mapping, creating=True)
    assert Spend.objects.get().campaign.client.name == "Acme"


def test_a_trackers_client_has_a_project_whose_name_has_slashes(tmp_path):
    row = "Noa Brandt,noa@example.com,Acme,EU / Prospecting,,2026-03-02,09:00:00,02:00:00,Facebook\n"
    imported(written(tmp_path, TOGGL + row), "hours", creating=True)
    campaign = TimeEntry.objects.get().campaign
    assert (campaign.client.name, campaign.name) == ("Acme", "EU / Prospecting")


def test_a_project_that_names_its_client_itself_is_found(tmp_path):
    spring = CampaignFactory(name="Spring", client=ClientFactory(name="Acme"))
    row = "Noa Brandt,noa@example.com,Acme,Acme / Spring,,2026-03-02,09:00:00,02:00:00,Facebook\n"
    imported(written(tmp_path, TOGGL + row), "hours", creating=True)
    assert TimeEntry.objects.get().campaign == spring


# -- headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "kind", "source"),
    [
        ("Datum;Kunde;Projekt;Projektcode;Aufgabe;Notizen;Stunden;Abrechenbar?;Vorname;Nachname", "hours", "harvest"),
        ("Date;Client;Projet;Tâche;Notes;Heures;Prénom;Nom", "hours", "harvest"),
        ("Utilisateur;E-mail;Client;Projet;Tâche;Description;Date de début;Heure de début;Durée", "hours", "toggl"),
        ("Client;Project;Description;Start date;Start time;Duration;Tags", "hours", "toggl"),
        ("Usuario;Cliente;Proyecto;Fecha de inicio;Hora de inicio;Duración (h)", "hours", "clockify"),
        ("Data;Da;A;Durata;Nome;Utente;Cliente;Progetto;Attività;Descrizione", "hours", "kimai"),
        ("Datum;Van;Tot;Duur;Naam;Gebruiker;Klant;Project;Activiteit;Omschrijving", "hours", "kimai"),
        ("Día;Nombre de la campaña;Importe gastado (EUR)", "spend", "meta"),
        ("Giorno;Nome della campagna;Importo speso (EUR)", "spend", "meta"),
        ("Dia;Nome da campanha;Valor usado (BRL)", "spend", "meta"),
        ("Dag;Campagnenaam;Besteed bedrag (EUR)", "spend", "meta"),
        ("Jour;Nom de la campagne;Montant dÃ©pensÃ© (EUR)", "spend", "meta"),
        ("Dag;Naam campagne;Besteed bedrag (EUR)", "spend", "meta"),
        ("Jour;NOM DE LA CAMPAGNE;Montant depense (EUR)", "spend", "meta"),  # capitals often lose their accents
        ("Projet;Client;Description;Utilisateur;Date de début;Heure de début;Durée (décimal)", "hours", "clockify"),
        ("Projekt;Kunde;Beschreibung;Benutzer;Startdatum;Startzeit;Dauer (h);Dauer (dezimal)", "hours", "clockify"),
        ("Progetto;Cliente;Utente;Data di inizio;Ora di inizio;Durata (decimale)", "hours", "clockify"),
        ("Projeto;Cliente;Usuário;Data de início;Hora de início;Duração (h)", "hours", "clockify"),
        ("Project;Klant;Gebruiker;Begindatum;Begintijd;Duur (h)", "hours", "clockify"),
        ("Benutzer;Kunde;Projekt;Aufgabe;Startdatum;Startzeit;Enddatum;Endzeit;Dauer", "hours", "toggl"),
        ("Utente;Cliente;Progetto;Data di inizio;Ora di inizio;Durata", "hours", "toggl"),
        ("Fecha;Cliente;Proyecto;Tarea;Notas;Horas;Nombre;Apellidos", "hours", "harvest"),
        ("Data;Cliente;Progetto;Attività;Note;Ore;Nome;Cognome", "hours", "harvest"),
        ("Data;Cliente;Projeto;Tarefa;Notas;Horas;Nome;Sobrenome", "hours", "harvest"),
        ("Datum;Klant;Project;Taak;Notities;Uren;Voornaam;Achternaam", "hours", "harvest"),
        ("Date;De;À;Durée;Nom;Utilisateur;Courriel;Client;Projet;Activité;Description;Mots-clés", "hours", "kimai"),
        ("Datum;Von;Bis;Dauer;Name;Benutzer;E-Mail;Kunde;Projekt;Tätigkeit;Beschreibung", "hours", "kimai"),
        ("Fecha;Desde;Hasta;Duración;Nombre;Usuario;Cliente;Proyecto;Actividad;Descripción", "hours", "kimai"),
        ("Data;De;Até;Duração;Nome;Usuário;Cliente;Projeto;Atividade;Descrição", "hours", "kimai"),
        ("DÃ\u00ada;Nombre de la campaÃ±a;Importe gastado (EUR)", "spend", "meta"),
    ],
)
def test_headers_are_known_in_the_language_of_the_account_and_when_encoded_twice(header, kind, source):
    found = recognise(header.split(";"), kind)
    assert found is not None
    assert found.key == source


@pytest.mark.parametrize(
    "header",
    [
        "Jour;ID du compte;Nom de la campagne;Nom de l’ensemble de publicités;Nom de la publicité;Montant dépensé",
        "Tag;Konto-ID;Kampagnenname;Name der Anzeigengruppe;Anzeigenname;Ausgegebener Betrag",
        "Día;ID de la cuenta;Nombre de la campaña;Nombre del conjunto de anuncios;Nombre del anuncio;Importe gastado",
        "Giorno;Nome dell'account;Nome della campagna;Nome del gruppo di inserzioni;Nome dell'inserzione;Importo speso",
        "Dia;Nome da conta;Nome da campanha;Nome do conjunto de anúncios;Nome do anúncio;Valor usado",
        "Dag;Accountnaam;Naam campagne;Naam advertentieset;Naam advertentie;Besteed bedrag",
    ],
)
def test_the_level_of_an_ad_accounts_file_is_known_in_each_language(tmp_path, header):
    day, account, campaign, ad_set, ad, amount = header.split(";")
    by_ad = f"{header} (EUR)\n2026-03-02;A;Spring;S;One;10\n2026-03-02;A;Spring;S;Two;5\n"
    run = imported(written(tmp_path, by_ad), "spend", creating=True)
    assert not any(remark["code"] == "unread" for remark in run.remarks), (ad_set, ad)
    as_a_whole = f"{day};{account};{campaign};{amount} (EUR)\n2026-03-02;A;Spring;15\n"
    [error] = examined(written(tmp_path, as_a_whole), "spend").errors
    assert error.code == "overlap_of_levels"
