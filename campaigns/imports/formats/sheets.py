"""Lists that people keep by themselves in a spreadsheet: their columns are guessed from what they are called. Pure."""

from campaigns.imports.files.headers import header_key
from campaigns.imports.formats.file_format import FileFormat
from campaigns.imports.formats.utm_columns import UTM

# By field, in en, fr, de, es, it, pt and nl. What may mean something else (Motif, Date de signature) is not guessed.
_TABLE = """
external_id: N°, Nº, No, No., N, #, ID, Identifiant, Référence, Réf, Réf., Numéro, Nr, Nr., Nummer, Número, Numero,
    Reference, Ref, Lead ID, Contact ID, ID lead, ID contact, ID du contact, Kontakt-ID
received_at: Date de contact, Date du contact, Date de premier contact, Date du premier contact, Premier contact,
    Date de réception, Reçu le, Date de création, Créé le, Date de la demande, Date d'entrée, Date d'arrivée,
    Date de prise de contact, Contact date, Date of contact, First contact, Date of first contact, Date received,
    Received, Received on, Received at, Created, Created on, Created at, Creation date, Date created, Lead date,
    Kontaktdatum, Erstkontakt, Datum des Erstkontakts, Eingang, Eingangsdatum, Eingegangen am, Erstellt am,
    Fecha de contacto, Primer contacto, Fecha de creación, Fecha de alta, Fecha de entrada, Data di contatto,
    Data contatto, Primo contatto, Data di creazione, Data de contato, Data de contacto, Primeiro contato,
    Primeiro contacto, Data de criação, Contactdatum, Eerste contact, Datum contact, Ontvangen op, Aangemaakt op,
    Date, Datum, Fecha, Data
name: Nom, Nom complet, Nom et prénom, Nom du contact, Prénom et nom, Contact, Interlocuteur, Name, Full name,
    Contact name, Contact person, Kontakt, Ansprechpartner, Kontaktperson, Nombre completo, Nombre y apellidos,
    Contacto, Nome completo, Nominativo, Contatto, Contato, Naam, Volledige naam, Contactpersoon, Nombre, Nome
first_name: Prénom, First name, Vorname, Nombre de pila, Primeiro nome, Voornaam
last_name: Nom de famille, Last name, Surname, Family name, Nachname, Familienname, Apellido, Apellidos, Cognome,
    Sobrenome, Apelido, Achternaam
email: E-mail, Email, Mail, Courriel, Adresse e-mail, Adresse email, Adresse mail, Adresse électronique,
    E-mail address, Email address, E-Mail-Adresse, Correo, Correo electrónico, Indirizzo e-mail, Indirizzo email,
    Correio eletrônico, Correio eletrónico, E-mailadres, Emailadres
phone: Téléphone, Tél, Tél., Tel, Tel., N° de téléphone, Numéro de téléphone, Portable, Mobile, Phone, Phone number,
    Telephone, Mobile phone, Telefon, Telefonnummer, Handy, Teléfono, Móvil, Telefono, Cellulare, Telefone, Telemóvel,
    Celular, Telefoon, Telefoonnummer
company: Société, Entreprise, Nom de l'entreprise, Nom de la société, Raison sociale, Organisation, Structure,
    Company, Company name, Organization, Business, Firma, Firmenname, Unternehmen, Empresa, Azienda, Società, Ditta,
    Bedrijf, Bedrijfsnaam
platform: Origine, Origine du contact, Origine du lead, Provenance, Source, Source du contact, Canal, Canal d'origine,
    Plateforme, Comment nous avez-vous connus, Comment nous avez-vous connu, Origin, Lead source, Channel, Platform,
    How did you hear about us, How did you hear about us?, Quelle, Herkunft, Kanal, Plattform, Origen, Fuente,
    Plataforma, Fonte, Provenienza, Canale, Piattaforma, Origem, Origem do contato, Bron, Herkomst, Kanaal, Origine
campaign: Campagne, Nom de la campagne, Campaign, Campaign name, Kampagne, Campaña, Campagna, Campanha
status: Statut, Statut du contact, Statut du lead, État, Etat, Status, Lead status, Estado, Stato, Situação
note: Note, Notes, Commentaire, Commentaires, Remarque, Remarques, Observations, Comment, Comments, Remarks, Notiz,
    Notizen, Bemerkung, Bemerkungen, Kommentar, Kommentare, Nota, Notas, Comentario, Comentarios, Observaciones,
    Commento, Commenti, Observações, Comentários, Opmerking, Opmerkingen, Notitie, Notities
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    lines = (line.partition(":") for line in table.replace("\n    ", " ").strip().splitlines())
    return {name: _each_once(texts) for name, _colon, texts in lines}


def _each_once(texts: str) -> tuple[str, ...]:
    return tuple({header_key(text): text.strip() for text in texts.split(",")}.values())


SHEET_LEADS = FileFormat(
    key="sheet",
    kind="leads",
    label="Excel",
    columns={**_read(_TABLE), **UTM},
    needs=("received_at",),
    needs_any=("name", "email", "phone", "company", "last_name"),
    is_guess=True,
)

FORMATS = (SHEET_LEADS,)
