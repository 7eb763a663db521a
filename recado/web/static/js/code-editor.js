// <code-editor language="json" follows="body_kind" check="/app/actions/check"> turns the <textarea>
// inside it into an editor. The textarea stays what the form sends, and all there is without scripts.
// The editor itself is large: it is fetched when this element comes near the screen, or something is typed into its form.
// `follows`: a control of the form whose value "json" means JSON. `check`: asked for the findings.
import { text } from "texts"
import { readVariables } from "variables"

customElements.define("code-editor", class extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea")
    if (!this.area) return
    this.end = new AbortController()
    this.near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.#begin(), { rootMargin: "200px" })
    this.near.observe(this)
    this.area.form?.addEventListener("input", this.#begin, { once: true, signal: this.end.signal })
  }

  #begin = async () => {
    this.near.disconnect()
    const { createEditor } = await import("editor")
    if (!this.isConnected || this.editor) return
    const { selectionStart: anchor, selectionEnd: head } = this.area
    const isWritten = document.activeElement === this.area
    this.frame = document.createElement("div")
    this.frame.className = "editor"
    this.area.after(this.frame)
    this.area.hidden = true
    this.#drawBar()
    this.editor = createEditor(this.#options())
    this.#listen(this.area.form, { change: this.#follow, reset: this.#reset })
    this.#listen(this.#label, { click: this.#focus })
    this.#listen(document, { click: this.#followLink, "recado:samples": this.#look })
    if (isWritten) this.editor.view.dispatch({ selection: { anchor, head } }) // somebody was faster
    if (isWritten || this.area.autofocus) this.#focus()
  }

  #listen(where, ears) {
    for (const [name, ear] of Object.entries(ears)) where?.addEventListener(name, ear, { signal: this.end.signal })
  }

  disconnectedCallback() {
    this.near?.disconnect()
    this.end?.abort()
    this.editor?.destroy()
    this.frame?.remove()
    if (this.area) this.area.hidden = false
    this.editor = null
  }

  get #label() { return document.querySelector(`label[for="${this.area?.id}"]`) }

  get #language() {
    const leader = this.area.form?.elements[this.getAttribute("follows")]
    return leader ? (leader.value === "json" ? "json" : "text") : (this.getAttribute("language") ?? "json")
  }

  #options() {
    return {
      parent: this.frame,
      doc: this.area.value,
      variables: readVariables(),
      language: this.#language,
      label: this.#label?.textContent.trim() ?? "",
      describedBy: this.area.getAttribute("aria-describedby"),
      nonce: document.querySelector("script[nonce]")?.nonce,
      singleLine: this.hasAttribute("single-line"),
      lint: this.hasAttribute("check") ? (whole) => this.#ask(whole) : undefined,
      onChange: (whole) => {
        this.area.value = whole
        this.area.dispatchEvent(new Event("input", { bubbles: true }))
      },
    }
  }

  #drawBar() {
    const bar = document.createElement("div")
    bar.className = "editor-bar"
    const hint = Object.assign(document.createElement("span"), { className: "hint", textContent: text("editor_hint") })
    this.formatButton = this.#button("format", () => this.editor.format())
    bar.append(hint, this.#button("insert_variable", () => this.editor.insertPlace()), this.formatButton)
    this.formatButton.hidden = this.#language !== "json"
    this.frame.append(bar)
  }

  #button(name, act) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "button quiet small"
    button.textContent = text(name)
    button.addEventListener("click", act)
    return button
  }

  async #ask(whole) {
    const kind = this.area.form?.elements[this.getAttribute("follows")]?.value ?? this.#language
    const answer = await fetch(this.getAttribute("check"), {
      method: "POST",
      headers: { "x-csrftoken": document.querySelector('meta[name="csrf-token"]')?.content ?? "" },
      body: new URLSearchParams({ text: whole, language: kind }),
    }).catch(() => null)
    return answer?.ok && !answer.redirected ? answer.json() : null  // signed out, it leads elsewhere
  }

  #follow = (event) => {
    if (event.target.name !== this.getAttribute("follows")) return
    this.editor.setLanguage(this.#language)
    this.formatButton.hidden = this.#language !== "json"
  }

  // A link to the field, in the summary of a refused form, leads to the editor: the field is hidden.
  #followLink = (event) => {
    if (!event.target.closest?.(`a[href="#${this.area.id}"]`)) return
    event.preventDefault()
    this.#focus()
  }

  #reset = () => setTimeout(() => this.editor?.setText(this.area.defaultValue))
  #look = () => this.editor.view.dispatch({}) // draws the places with their new values
  #focus = () => this.editor.view.focus()
})
