"""Sentences on an archive: the first ones refuse it, the last two are notes."""

DAMAGED = "{archive} est abîmée ou d'une sorte inhabituelle : la refaire au format .zip ou .tar.gz."
NOTHING = "L'archive ne contient aucun fichier : la refaire."
TOO_MANY = "L'archive contient plus de {limit} fichiers : la répartir en plusieurs."
TOO_BIG = "L'archive dépasse {limit} Gio une fois décompressée : la répartir en plusieurs."
RATIO = (
    "L'archive a un taux de compression anormal (plus de {limit} fois sa taille) : fournissez les fichiers."
)
TOO_DEEP = "L'archive en contient d'autres sur plus de {limit} niveaux : la refaire à plat."
LIES = "L'archive annonce pour {name} une taille fausse : la refaire avec un outil courant."
OUTSIDE = "L'archive contient un chemin qui en sort, {name} : la refaire avec des chemins relatifs."
UNPRINTABLE = "L'archive contient un nom avec des caractères invisibles, {name} : renommez-le."
LINK = "L'archive contient un lien, {name} : le remplacer par le fichier."
DEVICE = "L'archive contient un fichier spécial, {name} : le retirer."
TWICE = "L'archive contient deux fichiers du même nom, {name} : n'en garder qu'un."
NESTED_TOO_LARGE = "L'archive contenue {name} est trop volumineuse pour être examinée."
UNFINISHED = "L'archive n'a pas pu être examinée en entier."
