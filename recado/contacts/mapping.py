"""Which column of a list is which field of a contact: guessed from its heading, read from a form. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from recado.contacts.models import CustomAttribute
from recado.lib.languages import Sentence, say

# What a column may be; "" leaves it out, and `custom:KEY` is a custom attribute.
FIELDS: Final[Mapping[str, Sentence]] = {
    "name": say("Name"),
    "first_name": say("First name"),
    "last_name": say("Last name"),
    "email": say("E-mail"),
    "phone_number": say("Phone"),
    "identifier": say("Identifier"),
    "company_name": say("Company"),
    "city": say("City"),
    "country": say("Country"),
    "labels": say("Labels"),
    "id": say("Number in Recado"),
}
CUSTOM: Final = "custom:"
_VALUE: Final = re.compile(r"\S+@\S+\.\S+|\+?[\d ().-]{8,}")
_WORDS: Final[Mapping[str, str]] = {
    "name": "name nome nombre contato contacto cliente fullname nomecompleto nombrecompleto"
    " nomedocliente razaosocial contactname customer",
    "first_name": "firstname primeironome primernombre givenname nombres",
    "last_name": "lastname sobrenome apellido apellidos surname familyname ultimonome",
    "email": "email emails mail correo correoelectronico emailaddress enderecodeemail correioeletronico"
    " emailprincipal",
    "phone_number": "phone phonenumber telefone telefono fone celular movil mobile whatsapp tel"
    " numero numerodetelefone telefonecelular mobilephone fonecelular contatotelefonico zap",
    "identifier": "identifier identificador id codigo cod customerid idcliente externalid iddocliente"
    " codigodocliente matricula",
    "company_name": "company companyname empresa organizacao organizacion organization",
    "city": "city cidade ciudad municipio localidad",
    "country": "country pais",
    "labels": "labels label etiquetas etiqueta tags tag marcadores",
}
_GUESSES: Final = {word: field for field, words in _WORDS.items() for word in words.split()}


def guessed(headings: Sequence[str], attributes: Sequence[CustomAttribute]) -> list[str]:
    """The field of each column, each field once; a custom attribute by its name or key comes first."""
    own = {plain(text): CUSTOM + one.key for one in attributes for text in (one.key, one.name)}
    # What is called exactly so first: an export of ours has both `id` and `identifier`; elsewhere
    # an `id` is another system's.
    named = FIELDS if "identifier" in headings else FIELDS.keys() - {"id"}
    exactly = [heading if heading in named else own.get(plain(heading), "") for heading in headings]
    taken: set[str] = set()
    fields = []
    for heading, exact in zip(headings, exactly, strict=True):
        like = _GUESSES.get(plain(heading), "")
        field = exact or ("" if like in exactly else like)
        fields.append("" if field in taken else field)
        taken.add(field)
    return fields


def looks_like_a_contact(headings: Iterable[str]) -> bool:
    """Whether a first row has an e-mail or a phone number where headings should be."""
    return any(_VALUE.fullmatch(one) for one in headings)


def choices(attributes: Iterable[CustomAttribute]) -> list[tuple[str, Sentence | str]]:
    """What the form offers for each column."""
    own: list[tuple[str, Sentence | str]] = [(CUSTOM + one.key, one.name) for one in attributes]
    return [*FIELDS.items(), *own]


def chosen(
    form: Mapping[str, object], count: int, attributes: Iterable[CustomAttribute]
) -> list[str]:
    """The fields that a form names, `column-0` and so on; what is not offered is left out."""
    offered = {key for key, _ in choices(attributes)}
    given = [str(form.get(f"column-{number}", "")) for number in range(count)]
    return [one if one in offered else "" for one in given]


def mapping_problem(fields: Sequence[str]) -> Sentence | None:
    """Why nothing can be imported so."""
    named = [one for one in fields if one]
    if twice := next((one for one in named if named.count(one) > 1), None):
        label = FIELDS.get(twice, twice.removeprefix(CUSTOM))
        return say("Two columns are “%(name)s”: choose one.", name=label)
    if not {"name", "first_name", "email", "phone_number", "identifier"} & set(named):
        return say("Choose a column for name, e-mail, phone or identifier.")
    return None


def plain(text: str) -> str:
    """A heading without accents, case and signs."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", ascii_only.lower())
