"""Sentences on an archive: the first ones refuse it, the last two are notes."""

DAMAGED = "{archive} est abîmée ou d'une sorte inhabituelle : refaites-la au format .zip ou .tar.gz."
NOTHING = "L'archive ne contient aucun fichier : refaites-la."
TOO_MANY = "L'archive contient plus de {limit} fichiers : répartissez-la en plusieurs."
TOO_BIG = "L'archive dépasse {limit} Gio une fois décompressée : répartissez-la en plusieurs."
RATIO = (
    "L'archive a un taux de compression anormal (plus de {limit} fois sa taille) : fournissez les fichiers."
)
TOO_DEEP = "L'archive en contient d'autres sur plus de {limit} niveaux : refaites-la à plat."
LIES = "L'archive annonce pour {name} une taille fausse : refaites-la avec un outil courant."
OUTSIDE = "L'archive contient un chemin qui en sort, {name} : refaites-la avec des chemins relatifs."
UNPRINTABLE = "L'archive contient un nom avec des caractères invisibles, {name} : renommez-le."
LINK = "L'archive contient un lien, {name} : remplacez-le par le fichier."
DEVICE = "L'archive contient un fichier spécial, {name} : retirez-le."
TWICE = "L'archive contient deux fichiers du même nom, {name} : n'en gardez qu'un."
NESTED_TOO_LARGE = "L'archive contenue {name} est trop volumineuse pour être examinée."
UNFINISHED = "L'archive n'a pas pu être examinée en entier."
