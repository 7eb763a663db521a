// The query of a URL template as pairs, and back. Variables stay as they are: nothing inside `{{…}}` or `{%…%}` is
// taken apart or escaped, and a pair that nobody changes keeps its spelling.
const PLACE = /(\{\{.*?\}\}|\{%.*?%\})/s
const MASK = "\u0000"

/** The parts of a URL: {before, pairs, after}; each pair is {raw, name, value}, `after` a "#…". */
export function readQuery(url) {
  const { text, places } = masked(url)
  const [whole, after] = cut(text, "#")
  const [before, query] = cut(whole, "?")
  const unmask = (part) => restored(part, places)
  const counts = [before, query ?? "", after ?? ""]
  const [beforeText, queryText, afterText] = counts.map(unmask)
  const raws = query ? split(queryText) : []
  return {
    before: beforeText,
    pairs: raws.map((raw) => ({ raw, ...pairOf(raw) })),
    after: after === undefined ? "" : `#${afterText}`,
  }
}

/** The URL of what `readQuery` read, perhaps changed. */
export function writeQuery({ before, pairs, after }) {
  const query = pairs.map(({ raw, name, value }) => raw ?? spelled(name, value)).filter(Boolean)
  return `${before}${query.length ? `?${query.join("&")}` : ""}${after}`
}

const spelled = (name, value) => (name || value ? `${escaped(name)}=${escaped(value)}` : "")

/** A text as it stands in a query, its variables untouched. */
export function escaped(text) {
  return text.split(PLACE).map((part, index) => (index % 2 ? part : encodeURIComponent(part))).join("")
}

/** The text that a part of a query spells, its variables untouched. */
export function unescaped(part) {
  return part.split(PLACE).map((piece, index) => (index % 2 ? piece : decoded(piece))).join("")
}

function decoded(piece) {
  const spaced = piece.replaceAll("+", " ")
  try { return decodeURIComponent(spaced) } catch { return spaced }
}

function pairOf(raw) {
  const { text, places } = masked(raw)
  const [name, value] = cut(text, "=")
  const [nameText, valueText] = [name, value ?? ""].map((part) => restored(part, places))
  return { name: unescaped(nameText), value: unescaped(valueText) }
}

function split(query) {
  const { text, places } = masked(query)
  return text.split("&").map((part) => restored(part, places)).filter(Boolean)
}

function masked(text) {
  const places = []
  const shown = text.split(PLACE).map((part, index) => (index % 2 ? (places.push(part), MASK) : part)).join("")
  return { text: shown, places }
}

/** Puts the next places back; asked for the parts in their order. */
const restored = (part, places) => part.replaceAll(MASK, () => places.shift())

function cut(text, sign) {
  const at = text.indexOf(sign)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
