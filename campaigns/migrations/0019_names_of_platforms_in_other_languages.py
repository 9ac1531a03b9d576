"""Give the platforms everybody knows their names in other languages, as a new agency has them."""

from django.db import migrations

NAMES = {
    "Search": (
        *("recherche", "moteur de recherche", "moteurs de recherche", "référencement", "référencement naturel"),
        *("suche", "suchmaschine", "buscador", "motore di ricerca", "pesquisa", "zoekmachine"),
    ),
    "Newsletter": (
        *("infolettre", "lettre d'information", "emailing", "e-mailing", "courriel", "nieuwsbrief", "boletín"),
    ),
    "Events": (
        *("événement", "évènement", "événements", "évènements", "evenement", "evenements", "conférence", "foire"),
        *("salon professionnel", "messe", "veranstaltung", "evento", "eventos", "eventi", "feria", "fiera", "beurs"),
    ),
    "Referral": (
        *("bouche à oreille", "bouche-à-oreille", "bouche a oreille", "bouche-a-oreille", "recommandation"),
        *("recommandations", "parrainage", "empfehlung", "mundpropaganda", "boca a boca", "recomendación"),
        *("passaparola", "raccomandazione", "indicação", "mond-tot-mondreclame", "aanbeveling"),
    ),
}


def give_names(apps, schema_editor):
    """Only names that nothing else goes by."""
    Platform, PlatformAlias = apps.get_model("campaigns", "Platform"), apps.get_model("campaigns", "PlatformAlias")
    names = {name.casefold() for name in Platform.objects.values_list("name", flat=True)}
    for name, texts in NAMES.items():
        platform = Platform.objects.filter(name=name).first()
        for text in texts if platform else ():
            if text not in names:
                PlatformAlias.objects.get_or_create(text=text, defaults={"platform": platform})


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0018_refund_of_no_known_sale")]

    operations = [migrations.RunPython(give_names, migrations.RunPython.noop)]
