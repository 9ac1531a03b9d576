"""Whether a password is easily guessed: by lists of leaked ones and by an estimate, without a network.

The estimate is that of zxcvbn: how many guesses somebody needs who tries common passwords, words, names, dates and keys
side by side before anything else. What it lacks are French words and the keyboard that France types on.
"""

import re
from itertools import combinations
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from campaigns.models import Agency

# Fewer guesses than this are made offline within hours, whatever the hash: the third of zxcvbn's five grades.
ENOUGH_GUESSES = 10**8
LONGEST_ESTIMATED = 72  # the estimate takes long for long ones; if so many characters are enough, so are more
AZERTY = ("azertyuiop", "qsdfghjklm", "wxcvbn", "&é\"'(-è_çà")
# What French passwords are made of, the most frequent first; accents are often left out.
FRENCH = re.findall(
    r"\w+",
    """
motdepasse bonjour soleil doudou loulou azerty marseille chouchou amour jetaime coucou bienvenue bisous chocolat
cheval chien chat papa maman bébé coeur cœur princesse lapin nounours poisson papillon tigre lion etoile étoile fleur
lune ciel mer plage vacances famille maison jardin liberte liberté france français francais paris lyon toulouse nantes
bordeaux lille rennes strasbourg montpellier nice grenoble bretagne normandie corse marine football equipe équipe
olympique psg janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre décembre
decembre printemps été ete automne hiver lundi mardi mercredi jeudi vendredi samedi dimanche noel noël anniversaire
merci salut secret travail bureau agence client ordinateur internet administrateur utilisateur compte connexion
entreprise rouge bleu vert noir blanc orange violet camille julie marie nicolas thomas julien sophie pauline antoine
maxime alexandre guillaume clement clément mathieu romain sebastien sébastien caroline celine céline laura manon chloe
chloé emma lucas hugo louis jules leo léo lea léa ines inès sarah jean pierre paul jacques philippe michel isabelle
nathalie valerie valérie sandrine retour demo démo heures semaine pointage facture plateforme campagne
""",
)
KEYS_SIDE_BY_SIDE = [row[start:end] for row in AZERTY for start, end in combinations(range(len(row) + 1), 2)]
WALKS = [keys for keys in KEYS_SIDE_BY_SIDE if len(keys) >= 3]


class GuessablePasswordValidator(CommonPasswordValidator):
    """Refuse what is on Django's list of leaked passwords, or would be guessed soon."""

    def validate(self, password: str, user: Any = None) -> None:
        if password.lower().strip() in self.passwords or guesses(password, user) < ENOUGH_GUESSES:
            raise ValidationError(
                _(
                    "This password is easily guessed: it is one that others use, or words, names, dates or "
                    "neighbouring keys with a few digits. Take four words that have nothing to do with each other, or "
                    "let your browser or your password manager make one up."
                ),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be one that is easily guessed: four words without a connection are a good one.")


def guesses(password: str, user: Any = None) -> int:
    """How many guesses somebody needs who knows the person's name and address, and the agency's name."""
    from zxcvbn import zxcvbn  # with the first password: its lists take a tenth of a second

    near = [getattr(user, "name", ""), getattr(user, "email", ""), Agency.current().name]
    words = [word for text in near for word in re.split(r"\W+", text) if len(word) > 2]
    estimate = zxcvbn(password[:LONGEST_ESTIMATED], user_inputs=[*words, *FRENCH, *WALKS])
    return int(estimate["guesses"])
