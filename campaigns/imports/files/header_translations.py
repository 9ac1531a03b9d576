"""What trackers and ad accounts call their columns in other languages: fr, de, es, it, pt, nl. Pure."""

from collections.abc import Mapping

from campaigns.imports.files.headers import header_key

_TABLE = """
Date: Datum, Fecha, Data
Day: Jour, Tag, Día, Giorno, Dia, Dag
Start date: Date de début, Startdatum, Anfangsdatum, Fecha de inicio, Data di inizio, Data inizio, Data de início,
    Begindatum
Start time: Heure de début, Startzeit, Anfangszeit, Hora de inicio, Ora di inizio, Ora inizio, Hora de início,
    Begintijd, Starttijd
End date: Date de fin, Enddatum, Fecha de fin, Fecha de finalización, Data di fine, Data fine, Data de término, Data
    de fim, Einddatum
End time: Heure de fin, Endzeit, Hora de fin, Hora de finalización, Ora di fine, Ora fine, Hora de término, Hora de
    fim, Eindtijd
Duration: Durée, Dauer, Duración, Durata, Duração, Duur
Duration (h): Durée (h), Dauer (h), Duración (h), Durata (h), Duração (h), Duur (u), Duur (h)
Duration (decimal): Durée (décimal), Durée (décimale), Dauer (dezimal), Dauer (Dezimalzahl), Dauer (decimal),
    Duración (decimal), Durata (decimale), Duração (decimal), Duur (decimaal)
Hours: Heures, Stunden, Horas, Ore, Uren
Client: Client, Kunde, Cliente, Klant
Customer: Client, Kunde, Cliente, Klant
Project: Projet, Projekt, Proyecto, Progetto, Projeto
Task: Tâche, Aufgabe, Tarea, Attività, Compito, Tarefa, Taak
Activity: Activité, Tätigkeit, Aktivität, Actividad, Attività, Atividade, Activiteit
Notes: Notizen, Notas, Note, Notities
Description: Beschreibung, Descripción, Descrizione, Descrição, Omschrijving, Beschrijving
User: Utilisateur, Nom d'utilisateur, Nombre de usuario, Nome utente, Nome de usuário, Nome de utilizador, Benutzer,
    Benutzername, Usuario, Utente, Usuário, Utilizador, Gebruiker, Gebruikersnaam
Member: Membre, Mitglied, Miembro, Membro, Lid
Email: E-mail, Adresse e-mail, Courriel, E-Mail-Adresse, Correo electrónico, Correo, Indirizzo email, Correio
    eletrônico, E-mailadres
First Name: Prénom, Vorname, Nombre, Nome, Nome próprio, Voornaam
Last Name: Nom, Nom de famille, Nachname, Apellido, Apellidos, Cognome, Sobrenome, Apelido, Achternaam
Name: Nom, Nombre, Nome, Naam
From: De, Von, Desde, Da, Dalle, Das, Van
Begin: Début, Beginn, Inicio, Inizio, Início, Begin
To: À, Bis, Hasta, A, Alle, Até, Às, Tot
End: Fin, Ende, Fine, Fim, Einde, Eind
Tags: Étiquettes, Mots-clés, Schlagworte, Schlagwörter, Etiquetas, Etichette, Tag, Labels
Reporting starts: Début des rapports, Berichtsstart, Inicio del informe, Inicio de los informes, Inizio dei report,
    Inizio del report, Início dos relatórios, Begin rapportage, Start van rapportage
Reporting ends: Fin des rapports, Berichtsende, Fin del informe, Fin de los informes, Fine dei report, Fine del
    report, Término dos relatórios, Einde rapportage, Einde van rapportage
Campaign ID: Identifiant de la campagne, ID de la campagne, Kampagnen-ID, Identificador de la campaña, ID de la
    campaña, ID campagna, ID della campagna, ID da campanha, Identificação da campanha, Campagne-ID
Campaign name: Nom de la campagne, Kampagnenname, Name der Kampagne, Nombre de la campaña, Nome della campagna, Nome
    campagna, Nome da campanha, Campagnenaam, Naam campagne, Naam van campagne
Amount spent: Montant dépensé, Ausgegebener Betrag, Importe gastado, Importo speso, Valor usado, Valor gasto,
    Montante gasto, Besteed bedrag, Uitgegeven bedrag
Campaign: Campagne, Kampagne, Campaña, Campagna, Campanha
Campaign status: État de la campagne, Kampagnenstatus, Estado de la campaña, Stato campagna, Status da campanha,
    Campagnestatus
Campaign type: Type de campagne, Kampagnentyp, Tipo de campaña, Tipo di campagna, Tipo campagna, Tipo de campanha,
    Campagnetype
Ad group: Groupe d'annonces, Anzeigengruppe, Grupo de anuncios, Gruppo di annunci, Grupo de anúncios,
    Advertentiegroep
Cost: Coût, Kosten, Coste, Costo, Custo
Currency code: Code de devise, Code devise, Währungscode, Código de moneda, Codice valuta, Código da moeda,
    Valutacode
Ad set name: Nom de l'ensemble de publicités, Name der Anzeigengruppe, Anzeigengruppenname, Nombre del conjunto de
    anuncios, Nome del gruppo di inserzioni, Nome gruppo di inserzioni, Nome do conjunto de anúncios, Naam
    advertentieset, Naam van advertentieset, Advertentiesetnaam
Ad set ID: Identifiant de l'ensemble de publicités, ID de l'ensemble de publicités, Anzeigengruppen-ID, ID der
    Anzeigengruppe, Identificador del conjunto de anuncios, ID del gruppo di inserzioni, ID gruppo di inserzioni,
    Identificação do conjunto de anúncios, ID do conjunto de anúncios, Advertentieset-ID
Ad name: Nom de la publicité, Anzeigenname, Name der Anzeige, Nombre del anuncio, Nome dell'inserzione, Nome
    inserzione, Nome do anúncio, Naam advertentie, Naam van advertentie, Advertentienaam
Ad ID: Identifiant de la publicité, ID de la publicité, Anzeigen-ID, ID der Anzeige, Identificador del anuncio, ID
    dell'inserzione, ID inserzione, Identificação do anúncio, ID do anúncio, Advertentie-ID
Account name: Nom du compte, Kontoname, Name des Kontos, Nombre de la cuenta, Nome dell'account, Nome account, Nome
    da conta, Accountnaam, Naam account, Naam van account
Account ID: Identifiant du compte, ID du compte, Konto-ID, Account-ID, Identificador de la cuenta, ID de la cuenta,
    ID dell'account, ID account, Identificação da conta, ID da conta
Placement: Emplacement, Placement, Platzierung, Ubicación, Posizionamento, Posicionamento, Plaatsing
Platform: Plateforme, Plattform, Plataforma, Piattaforma
Currency: Devise, Währung, Divisa, Moneda, Valuta, Moeda
"""


def _read(table: str) -> Mapping[str, tuple[str, ...]]:
    lines = (line.partition(":") for line in table.replace("\n    ", " ").strip().splitlines())
    return {header_key(english): tuple(text.strip() for text in others.split(",")) for english, _colon, others in lines}


TRANSLATIONS = _read(_TABLE)


def in_every_language(columns: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The columns of a file format with what each header is called in the other languages after it."""
    return {
        name: tuple(dict.fromkeys(text for header in headers for text in (header, *_translated(header))))
        for name, headers in columns.items()
    }


def _translated(header: str) -> tuple[str, ...]:
    return TRANSLATIONS.get(header_key(header), ())
