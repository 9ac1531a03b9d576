"""The texts of the demo in French, as an agency in Paris would write them. Names of people and companies are the same.

Platforms have no text here: an agency that is set up in French is given their French names.
"""

from collections.abc import Mapping

_CAMPAIGNS = {
    "Websites for shops": "Des sites pour les commerces",
    "Sell more sites to shops and restaurants": "Vendre plus de sites aux commerces et aux restaurants",
    "12 requests for a quote a week": "12 demandes de devis par semaine",
    "Five posts and one short film a week, paid promotion": (
        "Cinq publications et une courte vidéo par semaine, promotion payante"
    ),
    "Requests for a quote by the form": "Demandes de devis par le formulaire",
    "Leads a week, and how many are qualified": "Contacts par semaine, et combien sont qualifiés",
    "Free redesign review": "Diagnostic de refonte offert",
    "Sell redesigns to companies of 20 to 200 people": "Vendre des refontes aux entreprises de 20 à 200 personnes",
    "3 qualified requests a week": "3 demandes qualifiées par semaine",
    "Two case studies a week by the seniors, replies within the hour": (
        "Deux études de cas par semaine, écrites par les plus expérimentés\u00a0; réponse dans l’heure"
    ),
    "Reviews asked for": "Diagnostics demandés",
    "Qualified leads a week": "Contacts qualifiés par semaine",
    "The monthly letter": "La lettre du mois",
    "Be the first that clients think of": "Être la première agence à laquelle les clients pensent",
    "A third of last year's clients order again": "Un tiers des clients de l’an dernier recommandent",
    "One letter a month, one story a week": "Une lettre par mois, une histoire par semaine",
    "Orders from people who read it": "Commandes de personnes qui la lisent",
    "Sales to existing clients a quarter": "Ventes aux clients existants, par trimestre",
    "Breakfast workshops": "Petits-déjeuners ateliers",
    "Meet owners before they look for an agency": "Rencontrer les dirigeants avant qu’ils ne cherchent une agence",
    "15 visitors a month, 2 of them clients within the year": (
        "15 visiteurs par mois, dont 2 deviennent clients dans l’année"
    ),
    "One workshop a month, announced on LinkedIn": "Un atelier par mois, annoncé sur LinkedIn",
    "Visitors who ask for a meeting": "Visiteurs qui demandent un rendez-vous",
    "Leads a month": "Contacts par mois",
    "Lavender season": "La saison de la lavande",
    "Sell the summer range outside the region": "Vendre la gamme d’été hors de la région",
    "200 orders from new customers": "200 commandes de nouveaux clients",
    "Photographs of the harvest every day, questions answered": (
        "Des photos de la récolte chaque jour, réponse à chaque question"
    ),
    "First orders with the season's code": "Premières commandes avec le code de la saison",
    "New customers a week": "Nouveaux clients par semaine",
    "After-sales on social": "Service après-vente sur les réseaux",
    "Fewer calls to the shop": "Moins d’appels à la boutique",
    "Every question answered within two hours": "Réponse à chaque question en moins de deux heures",
    "Two people watch messages from 9 to 18 h": "Deux personnes suivent les messages de 9\u00a0h à 18\u00a0h",
    "Questions answered without a call": "Questions résolues sans appel",
    "Tickets answered a week": "Demandes traitées par semaine",
    "Tables on weekdays": "Des tables en semaine",
    "Fill the room from Monday to Thursday": "Remplir la salle du lundi au jeudi",
    "40 tables a week booked online": "40 tables par semaine réservées en ligne",
    "The menu of the day at 10 h, one contest a month": "Le menu du jour à 10\u00a0h, un concours par mois",
    "Bookings that come from a post": "Réservations venues d’une publication",
    "Tables a week": "Tables par semaine",
    "Winter service": "Révision d’hiver",
    "Keep the workshop busy from November to March": "Occuper l’atelier de novembre à mars",
    "Half of last winter's customers come back": "La moitié des clients de l’hiver dernier reviennent",
    "Reminders by letter, advice on social": "Rappels par lettre, conseils sur les réseaux",
    "Bookings by known customers": "Réservations de clients connus",
    "Bookings a week": "Réservations par semaine",
    "Questions and repairs": "Questions et réparations",
    "Riders get help where they ask for it": "Aider les cyclistes là où ils posent leurs questions",
    "An answer within the hour, on working days": "Une réponse dans l’heure, les jours ouvrés",
    "One mechanic on call writes with the team": "Un mécanicien d’astreinte écrit avec l’équipe",
    "Questions solved in public": "Questions résolues en public",
    "The law in plain words": "Le droit en mots simples",
    "Become the cabinet that small firms call": "Devenir le cabinet que les petites entreprises appellent",
    "6 first meetings a month": "6 premiers rendez-vous par mois",
    "One article and three posts a week": "Un article et trois publications par semaine",
    "Meetings asked for": "Rendez-vous demandés",
    "Leads a week": "Contacts par semaine",
    "Book direct": "Réserver en direct",
    "Pay less commission to booking sites": "Payer moins de commission aux sites de réservation",
    "A quarter of nights booked on the hotel's own site": "Un quart des nuits réservées sur le site de l’hôtel",
    "Search advertising, rooms and town on Facebook": (
        "Annonces dans les moteurs de recherche\u00a0; les chambres et la ville sur Facebook"
    ),
    "Nights booked direct": "Nuits réservées en direct",
    "Rooms we like": "Des pièces qui nous plaisent",
    "Sell furniture made to measure": "Vendre des meubles sur mesure",
    "5 requests a week by the end of the winter": "5 demandes par semaine d’ici la fin de l’hiver",
    "Three boards a week, each piece with its price": "Trois tableaux par semaine, chaque meuble avec son prix",
    "Requests that name a board": "Demandes qui citent un tableau",
    "Early tickets": "Billets en prévente",
    "Sell a third of the tickets before the programme is out": (
        "Vendre un tiers des billets avant la sortie du programme"
    ),
    "1,500 early tickets": "1\u00a0500 billets en prévente",
    "One artist a day, contests with the partners": "Un artiste par jour, des concours avec les partenaires",
    "Tickets sold with the campaign's link": "Billets vendus par le lien de la campagne",
    "Tickets a week": "Billets par semaine",
}
_WORK = {
    "Replies": "Réponses",
    "Visuals for the week": "Visuels de la semaine",
    "Answers to reviews": "Réponses aux avis",
    "Planning": "Planification",
    "Film, second cut": "Vidéo, deuxième montage",
    "Statistics": "Statistiques",
    "Contest": "Concours",
}
_MONEY = {
    "Promoted posts": "Publications sponsorisées",
    "Sponsored content": "Contenu sponsorisé",
    "Search advertising": "Annonces dans les moteurs de recherche",
    "Scheduling and listening tool": "Outil de programmation et de veille",
    "Letter tool, by addresses": "Outil d’envoi, au nombre d’adresses",
    "Room and breakfast": "Salle et petit-déjeuner",
    "Freelance moderator": "Modératrice indépendante",
    "Photographer": "Photographe",
    "Stand at the town's fair": "Stand à la foire de la ville",
    "Online shop": "Boutique en ligne",
    "Site and brand": "Site et identité",
    "Booking site": "Site de réservation",
    "Redesign": "Refonte",
    "Showcase site": "Site vitrine",
    "Multilingual site": "Site multilingue",
    "Logo and identity": "Logo et charte",
    "Maintenance, one year": "Maintenance, un an",
    "Content for six months": "Contenus pour six mois",
    "Landing page": "Page d’atterrissage",
    "Search review": "Audit de référencement",
    "Half a day of training": "Une demi-journée de formation",
    "One language given up": "Une langue abandonnée",
    "Entered twice": "Saisi deux fois",
}
_COUNTED = {
    "Followers gained": "Abonnés gagnés",
    "Comments": "Commentaires",
    "Tickets answered": "Demandes traitées",
    "Pins saved": "Épingles enregistrées",
    "Opt-ins": "Inscriptions",
    "Visitors met": "Visiteurs rencontrés",
    "Profile visits": "Visites du profil",
    "A call to the shop takes a quarter of an hour": "Un appel à la boutique prend un quart d’heure",
    "The shop counted its calls: they take longer": "La boutique a compté ses appels\u00a0: ils durent plus longtemps",
    "What an address costs through search advertising": "Ce que coûte une adresse par les annonces",
}
_DECISIONS = {
    "A trial: %s.": "Un essai\u00a0: %s.",
    "Until the trial is over: no contests, one post a day, and every question answered within the day. Then we look at"
    " what came and decide together.": (
        "Jusqu’à la fin de l’essai\u00a0: pas de concours, une publication par jour, et une réponse à chaque question"
        " dans la journée. Ensuite, nous regarderons ce qui est venu et nous déciderons ensemble."
    ),
}
_FILES = {"fair": "salon", "linkedin-visits.csv": "visites-linkedin.csv"}
_CAPTURE = {
    "film": "vidéo",
    "offer": "offre",
    "case-study": "étude-de-cas",
    "poster": "affiche",
    "Request for a quote": "Demande de devis",
    "Redesign review": "Diagnostic de refonte",
    "Thank you": "Merci",
    "I agree that you remember where I came from.": "J’accepte que vous reteniez par où je suis venu.",
    "I asked you for a quote last week. Could you call me on Thursday afternoon?": (
        "Je vous ai demandé un devis la semaine dernière. Pouvez-vous m’appeler jeudi après-midi\u00a0?"
    ),
    "A test of the form": "Un essai du formulaire",
    "The team's chat": "La messagerie de l’équipe",
    "The invoicing program": "Le logiciel de facturation",
}
_VIEWS = {
    "To call back": "À rappeler",
    "Could not pay, from Facebook": "Trop cher pour eux, par Facebook",
    "This quarter's refunds": "Remboursements du trimestre",
    "What Facebook costs this year": "Ce que coûte Facebook cette année",
    "For existing clients": "Pour les clients existants",
}
FRENCH: Mapping[str, str] = _CAMPAIGNS | _WORK | _MONEY | _COUNTED | _DECISIONS | _FILES | _CAPTURE | _VIEWS
