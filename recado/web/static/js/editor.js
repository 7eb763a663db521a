// Our editor on top of CodeMirror: JSON with `{{variables}}`. One function; <code-editor> calls it.
import {
  EditorState, Compartment, EditorView, keymap, lineNumbers,
  drawSelection, highlightSpecialChars, defaultKeymap, history, historyKeymap, indentWithTab,
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion, json, linter,
  lintKeymap, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting,
  searchKeymap, highlightSelectionMatches, tagHighlighter, tags,
} from "codemirror"
import { leaveByTab, typeOver } from "editor_keys"
import { firstBreak, laidOut } from "json_shape"
import { text } from "texts"
import { drawSample, markPlaces, offer, unknownNames } from "editor_places"
import { look } from "editor_look"
import { openPlace } from "variables"

const colours = tagHighlighter([
  { tag: tags.propertyName, class: "tok-key" },
  { tag: tags.string, class: "tok-str" },
  { tag: tags.number, class: "tok-num" },
  { tag: [tags.bool, tags.null], class: "tok-lit" },
])

/**
 * Puts an editor into `parent`. `variables` as in variables.js; `onChange(text)` after every edit;
 * `lint(text)` may promise all findings [{from, to, severity, message}], or null; `label` is what a screen
 * reader says; `nonce` lets its styles pass the content policy.
 * Answers {view, setText, setLanguage("json" | "text"), format, insertPlace, destroy}.
 */
export function createEditor(options) {
  const { parent, doc = "", nonce = "", singleLine = false, language = "json" } = options
  const grammar = new Compartment()
  const view = new EditorView({
    parent,
    doc,
    extensions: [
      EditorView.cspNonce.of(nonce), look, grammar.of(grammarFor(language, options)),
      ...behaviour(options), singleLine ? oneLine : [lineNumbers(), foldGutter()],
    ],
  })
  const setText = (insert) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } })
  return {
    view,
    setText,
    setLanguage: (name) => view.dispatch({ effects: grammar.reconfigure(grammarFor(name, options)) }),
    format: () => format(view),
    insertPlace: () => insertPlace(view),
    destroy: () => view.destroy(),
  }
}

const oneLine = EditorState.transactionFilter.of((change) => (change.newDoc.lines > 1 ? [] : change))

function behaviour({ variables = [], onChange, label = "", describedBy }) {
  const attributes = { "aria-label": label, ...(describedBy && { "aria-describedby": describedBy }) }
  return [
    leaveByTab, highlightSpecialChars(), history(), drawSelection(), indentOnInput(), indentUnit.of("  "),
    bracketMatching(), closeBrackets(), typeOver, highlightSelectionMatches(), EditorView.lineWrapping,
    syntaxHighlighting(colours), markPlaces(variables),
    autocompletion({ override: [(context) => offer(context, variables)], defaultKeymap: false, icons: false, activateOnTypingDelay: 60,
      addToOptions: [{ render: drawSample, position: 90 }] }),
    EditorView.contentAttributes.of(attributes),
    EditorView.updateListener.of((update) => update.docChanged && onChange?.(update.state.doc.toString())),
    keymap.of([
      { key: "Tab", run: acceptCompletion }, { key: "Shift-Alt-f", run: format, preventDefault: true },
      { key: "Ctrl-Space", run: (view) => !isPlaceOpen(view) && insertPlace(view) }, ...closeBracketsKeymap, ...completionKeymap,
      ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap,
      ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), // which the page sends with
      indentWithTab,
    ]),
  ]
}

function grammarFor(name, { variables = [], lint }) {
  const check = async (view) => {
    const whole = view.state.doc.toString()
    const told = await lint?.(whole) // the server says the same as our own look, and more
    const found = told ?? [...unknownNames(whole, variables), ...(name === "json" ? breaks(whole) : [])]
    return found.filter(({ to }) => to <= whole.length)
  }
  return [name === "json" ? json() : [], linter(check, { delay: 400 })]
}

function breaks(whole) {
  const at = firstBreak(whole)
  if (at === null) return []
  const line = whole.slice(0, at).split("\n")
  const message = text("json_breaks", { line: line.length, column: line.at(-1).length + 1 })
  return [{ from: Math.max(0, Math.min(at, whole.length - 1)), to: Math.min(at + 1, whole.length), severity: "error", message }]
}

function isPlaceOpen({ state }) {
  const { from, text: line } = state.doc.lineAt(state.selection.main.head)
  return openPlace(line.slice(0, state.selection.main.head - from)) !== null
}

function insertPlace(view) {
  const { from, to } = view.state.selection.main
  view.dispatch({ changes: { from, to, insert: "{{}}" }, selection: { anchor: from + 2 } })
  view.focus()
  return startCompletion(view)
}

function format(view) {
  const insert = laidOut(view.state.doc.toString())
  if (insert === null) return false
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } })
  return true
}
