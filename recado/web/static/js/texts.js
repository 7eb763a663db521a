// What scripts say to people comes translated from the page: <script type="application/json" id="texts">.
const island = document.getElementById("texts")
const texts = island ? JSON.parse(island.textContent) : {}

/** The text `name` in the page's language, with its `%(key)s` places filled in. */
export function text(name, values = {}) {
  const found = texts[name] ?? name
  return found.replace(/%\((\w+)\)s/g, (_, key) => String(values[key] ?? ""))
}

/** How people call the kind of a variable ("text", "number", …); the kind itself where we have no word. */
export const kindName = (kind) => texts.kinds?.[kind] ?? kind ?? ""

/** Without accents and capitals, as people search. */
export const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
