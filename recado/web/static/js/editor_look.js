// How the editor looks, in the page's own tokens, so that both themes fit.
import { EditorView } from "codemirror"

export const look = EditorView.theme({
  "&": { fontSize: "var(--small)", color: "var(--text)", background: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.65", minHeight: "12rem", maxHeight: "32rem" },
  ".cm-content": { padding: "0.625rem 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 0.875rem 0 0.375rem" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { color: "var(--text-soft)", background: "transparent", border: "0", paddingInlineStart: "0.25rem" },
  ".cm-foldGutter .cm-gutterElement": { cursor: "pointer" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in oklch, var(--ink) 22%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": { background: "var(--ink-wash)", outline: "1px solid var(--line-strong)" },
  ".cm-selectionMatch": { background: "var(--warning-wash)" },
  ".cm-tooltip": {
    border: "1px solid var(--line)", borderRadius: "0.75rem", background: "var(--raised)",
    boxShadow: "var(--float)", color: "var(--text)", overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--sans)", fontSize: "var(--body)", padding: "0.3125rem", maxHeight: "17.5rem", minWidth: "min(24rem, 88vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "grid", gridTemplateColumns: "minmax(0, 1fr) auto", columnGap: "0.75rem",
    padding: "0.375rem 0.625rem", borderRadius: "0.5rem", lineHeight: "1.45",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--ink-wash)", color: "var(--text)" },
  ".cm-completionLabel": { fontWeight: "550" },
  ".cm-completionDetail": { fontStyle: "normal", fontSize: "var(--tiny)", color: "var(--text-soft)", margin: "0" },
  ".cm-completionSample": {
    gridColumn: "1 / -1", fontFamily: "var(--mono)", fontSize: "var(--tiny)", color: "var(--text-soft)",
    overflow: "hidden", textOverflow: "ellipsis",
  },
  ".cm-diagnostic": { padding: "0.4rem 0.75rem", fontFamily: "var(--sans)", fontSize: "var(--small)" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--danger-mark)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--warning-mark)" },
  ".cm-panels": { background: "var(--sunken)", color: "var(--text)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "0.5rem", fontFamily: "var(--sans)" },
  ".cm-textfield": { border: "1px solid var(--line-strong)", borderRadius: "0.3rem", padding: "0.2rem 0.4rem" },
  ".cm-button": {
    backgroundImage: "none", background: "var(--surface)", border: "1px solid var(--line)", borderRadius: "0.3rem", padding: "0.2rem 0.6rem",
  },
})
