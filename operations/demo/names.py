"""Names of people and companies. All are invented, and every address ends in `.example`."""

import random
import unicodedata


def _words(text: str) -> list[str]:
    return text.split()


FIRST_NAMES = _words(
    "Adèle Agnès Alexandre Alice Amina Amélie André Anne Arnaud Aurore Bastien Béatrice Benoît Bruno Carole "
    "Cédric Céline Charlotte Claire Clément Colette Cyril Damien David Delphine Denis Diane Édouard Élise Émile "
    "Estelle Fabien Fanny Farid Félix Florence Gaëlle Gérard Guillaume Hassan Henri Irène Jean Jérôme Joël "
    "Juliette Laurence Lionel Louise Lucas Lucie Madeleine Malik Margaux Mélanie Mireille Mohamed Nadège Nadia "
    "Noémie Odile Olivier Pascale Patrice Paul Quentin Raphaël Rémi Romain Rosalie Sabrina Sandrine Sylvain "
    "Tanguy Valérie Véronique Yann Yasmine Zoé"
)
LAST_NAMES = _words(
    "Allard Arsenault Aubert Barbier Beaulieu Bélisle Bergeron Bernier Blanchet Boivin Boucher Brunet Carpentier "
    "Cloutier Colin Cormier Deschamps Desjardins Diallo Dufour Dumont Faure Fortin Gaillard Gervais Giroux Guérin "
    "Hébert Huard Jacquet Joly Lachance Lacroix Langlois Lapointe Leblanc Lemaire Lévesque Masson Mercier Michaud "
    "Moulin Nadeau Noël Ouellet Paquette Parent Pelletier Perrot Poirier Prévost Quesnel Renaud Richer Rivard "
    "Robin Savard Tessier Thibault Traoré Turcotte Vachon Vidal Zidane"
)
TRADES = _words(
    "Atelier Auberge Boulangerie Cabinet Cave Clinique Domaine Fleuriste Fonderie Garage Gîte Imprimerie Institut "
    "Librairie Maison Menuiserie Optique Pharmacie Restaurant Traiteur"
)


def person(dice: random.Random) -> str:
    return f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}"


def company(dice: random.Random) -> str:
    return f"{dice.choice(TRADES)} {dice.choice(LAST_NAMES)}"


def slug(text: str) -> str:
    """Text as addresses hold it: `Élodie Côté` is `elodie-cote`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def address(name: str, domain: str) -> str:
    """The e-mail address of a person: `elodie.cote@demo.example`."""
    first, _, last = name.partition(" ")
    return f"{slug(first)}.{slug(last)}@{slug(domain)}.example"
