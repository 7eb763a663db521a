// What the website says about the conversation: attributes and labels. It waits until there is a conversation,
// and until the server has heard it.
import { forget, keep, kept } from "widget/keeping"
import { call, own, Unreachable } from "widget/talking"
import { inTurn } from "widget/turns"

/** `{ attributes: {name: value or null}, labels: {title: whether it should stand} }` */
export function mark({ attributes, labels }) {
  const before = kept("marks", {})
  keep("marks", { attributes: { ...before.attributes, ...attributes }, labels: { ...before.labels, ...labels } })
  return tellMarks()
}

export const tellMarks = inTurn(async () => {
  const marks = kept("marks")
  if (!marks || !kept("conversation")) return
  try {
    if (Object.keys(marks.attributes).length) await call("POST", own("/custom_attributes"), { custom_attributes: marks.attributes })
    for (const [label, stands] of Object.entries(marks.labels)) await tellLabel(label, stands)
  } catch (error) {
    if (error instanceof Unreachable) throw error
    settle(marks) // asking again would not help
    throw error
  }
  settle(marks)
})

const tellLabel = (label, stands) => stands
  ? call("POST", own("/labels"), { label })
  : call("DELETE", own(`/labels/${encodeURIComponent(label)}`))

function settle(told) {
  if (JSON.stringify(kept("marks")) === JSON.stringify(told)) forget("marks")
}
