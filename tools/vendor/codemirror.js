// What recado/web/static/js/editor.js takes from CodeMirror, and nothing else: the bundle is this list.
export { EditorState, Compartment } from "@codemirror/state"
export {
  EditorView, MatchDecorator, Decoration, ViewPlugin, keymap, lineNumbers, drawSelection,
  highlightSpecialChars, placeholder,
} from "@codemirror/view"
export { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands"
export {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion,
} from "@codemirror/autocomplete"
export { json, jsonLanguage } from "@codemirror/lang-json"
export { linter, lintKeymap, forceLinting } from "@codemirror/lint"
export {
  bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language"
export { search, searchKeymap, highlightSelectionMatches } from "@codemirror/search"
export { tagHighlighter, tags } from "@lezer/highlight"
