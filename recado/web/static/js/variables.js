// The variables a template may use, from <script type="application/json" id="variables">, and how a
// half-typed `{{` is found and completed. Shared by the editor and by plain inputs.
export const PLACE = /\{\{-?\s*([^{}|]*?)\s*(?:\|[^{}]*)?-?\}\}/g
const OPEN = /\{\{-?\s*([\p{L}\p{N}_.[\]"' -]*)$/u
const CLOSED = /^[^{}\n]{0,80}?\}\}/
const plain = (text) => String(text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()

const read = new WeakMap()  // island to its list: one list for all who ask, so that it can grow

/** [{name, label, kind, sample, alias?}]; an alias is known but not offered. */
export function readVariables(id = "variables") {
  const island = document.getElementById(id)
  if (!island) return []
  if (!read.has(island)) read.set(island, JSON.parse(island.textContent))
  return read.get(island)
}

/** Adds variables that came up after the page was drawn, also where they are being offered already. */
export function addVariables(variables, id = "variables") {
  const list = readVariables(id)
  const known = new Set(list.map(({ name }) => name))
  list.push(...variables.filter(({ name }) => !known.has(name)))
}

/** Gives the variables the sample values of these; whoever has drawn some looks at `samples.version`. */
export function setSamples(variables, id = "variables") {
  const values = new Map(variables.map(({ name, sample }) => [name, sample]))
  for (const one of readVariables(id)) if (values.has(one.name)) one.sample = values.get(one.name)
  samples.version += 1
}

export const samples = { version: 0 }

/** Where a `{{` before the cursor waits for a name: {from, query}, or null. `from` is right after `{{`. */
export function openPlace(before) {
  const found = OPEN.exec(before)
  if (!found) return null
  return { from: found.index + 2, query: found[1].trim() }
}

/** What to write over the text from `from` on, given what follows the cursor. */
export function filledPlace(name, after) {
  return CLOSED.test(after) && after.trimStart().startsWith("}}") ? name : `${name}}}`
}

/** The variables that fit what was typed, best first. */
export function matching(query, variables) {
  const wanted = plain(query)
  return variables
    .filter((one) => !one.alias)
    .map((one) => ({ one, score: score(wanted, one) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ one }) => one)
}

function score(wanted, { name, label }) {
  const [code, words] = [plain(name), plain(label)]
  if (!wanted) return 1
  if (code === wanted || words === wanted) return 5
  if (code.startsWith(wanted) || words.startsWith(wanted)) return 4
  if (code.includes(`.${wanted}`) || words.includes(` ${wanted}`)) return 3
  if (code.includes(wanted) || words.includes(wanted)) return 2
  return isScattered(wanted.replaceAll(/\s/g, ""), code) ? 1 : 0
}

function isScattered(wanted, text) {
  let at = -1
  return [...wanted].every((letter) => (at = text.indexOf(letter, at + 1)) >= 0)
}

/** Every `{{…}}` in the text: {from, to, name}. */
export function places(text) {
  return [...text.matchAll(PLACE)].map((found) => ({
    from: found.index, to: found.index + found[0].length, name: found[1],
  }))
}

/** False only for a name that is surely wrong; loops and secrets have names that no list holds. */
export function isKnown(name, variables, wholeText = "") {
  if (!name || wholeText.includes("{%") || /^(secret\.|["'\d-]|true$|false$|nil$)/.test(name)) return true
  return variables.some((one) => name === one.name || one.name.startsWith(`${name}.`)
    || name.startsWith(`${one.name}.`) || name.startsWith(`${one.name}[`))
}

/** The known name most like a wrong one, or null when none is close. */
export function nearest(name, variables) {
  const ranked = variables.filter((one) => !one.alias)
    .map((one) => ({ name: one.name, steps: editSteps(name, one.name) }))
    .sort((a, b) => a.steps - b.steps)
  return ranked.length && ranked[0].steps <= Math.max(2, name.length / 3) ? ranked[0].name : null
}

function editSteps(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let at = 1; at <= to.length; at++) {
      next[at] = Math.min(row[at] + 1, next[at - 1] + 1, row[at - 1] + (from[line - 1] === to[at - 1] ? 0 : 1))
    }
    row = next
  }
  return row[to.length]
}
