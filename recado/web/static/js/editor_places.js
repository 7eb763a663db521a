// `{{variables}}` in the editor: the list that opens, the colour they have, and the names nobody knows.
import { Decoration, MatchDecorator, ViewPlugin } from "codemirror"
import { kindName, text } from "texts"
import { PLACE, filledPlace, isKnown, matching, nearest, openPlace, places, samples } from "variables"

export function unknownNames(whole, variables) {
  return places(whole).filter(({ name }) => !isKnown(name, variables, whole)).map(({ from, to, name }) => {
    const near = nearest(name, variables)
    const message = near ? text("unknown_near", { name, near }) : text("unknown", { name })
    return { from, to, severity: "error", message }
  })
}

export function offer(context, variables) {
  const line = context.state.doc.lineAt(context.pos)
  const open = openPlace(line.text.slice(0, context.pos - line.from))
  if (!open) return null
  const found = matching(open.query, variables)
  const options = found.map((one) => ({
    label: one.name, displayLabel: one.label || one.name, detail: kindName(one.kind), sample: one.sample,
    apply: (view, _, from, to) => apply(view, one.name, from, to),
  }))
  return { from: line.from + open.from, to: context.pos, options, filter: false }
}

function apply(view, name, from, to) {
  const after = view.state.sliceDoc(to, Math.min(to + 100, view.state.doc.length))
  const insert = filledPlace(name, after)
  const cursor = from + name.length + (insert === name ? after.indexOf("}}") + 2 : 2)
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: cursor }, userEvent: "input.complete" })
}

export function drawSample(option) {
  const line = document.createElement("span")
  line.className = "cm-completionSample"
  line.textContent = [`{{${option.label}}}`, option.sample].filter((part) => part !== "" && part != null).join("  ·  ")
  queueMicrotask(() => line.closest("ul")?.setAttribute("tabindex", "0")) // it scrolls, so it must be reachable
  return line
}

export function markPlaces(variables) {
  const marks = new MatchDecorator({
    regexp: PLACE,
    decoration: (found, view) => {
      const known = isKnown(found[1], variables, view.state.doc.toString())
      const sample = variables.find(({ name }) => name === found[1])?.sample
      return Decoration.mark({ class: known ? "place" : "place unknown", attributes: sample ? { title: String(sample) } : {} })
    },
  })
  return ViewPlugin.define((view) => ({
    decorations: marks.createDeco(view),
    version: samples.version,
    update(change) {
      const isOld = this.version !== samples.version
      this.version = samples.version
      this.decorations = isOld ? marks.createDeco(change.view) : marks.updateDeco(change, this.decorations)
    },
  }), { decorations: (plugin) => plugin.decorations })
}
