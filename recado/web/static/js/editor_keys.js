// Two keys that the editor treats in its own way: typing over a selection, and Esc before Tab.
import { EditorView } from "codemirror"

// Typing over a selection is done here: the browser's own way merges lines by style attributes, which
// the content policy reports.
export const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main
    if (event.inputType !== "insertText" || empty || event.isComposing || !event.data) return false
    const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true })
    const isDone = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, insert))
    if (!isDone) view.dispatch(insert())
    event.preventDefault()
    return true
  },
})

// Esc, then Tab leaves, however long that takes; the first Esc closes an open list of variables.
export const leaveByTab = EditorView.domEventHandlers({
  keydown(event, view) {
    const isList = view.dom.querySelector(".cm-tooltip-autocomplete")
    if (event.key === "Escape") view.setTabFocusMode(!isList)
    else if (!["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key)) view.setTabFocusMode(false)
  },
  blur: (_, view) => view.setTabFocusMode(false),
})
