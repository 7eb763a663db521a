// htmx makes every part of a page live at once, in one stretch in which a telephone hears no key and no press. Here it does so
// part by part, from the innermost, and lets the browser answer between them. What it draws later it does by itself.
const PARTS = "[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]"
const STRETCH = 6 // milliseconds without a rest
let tellDone

/** Whether all parts of the page are live. */
export const areLive = new Promise((resolve) => { tellDone = resolve })

document.addEventListener("htmx:before:process", begin)

function begin(event) {
  if (event.target !== document.body) return
  event.preventDefault()
  document.removeEventListener("htmx:before:process", begin)
  goOn([...document.querySelectorAll(PARTS)]).finally(tellDone)
}

async function goOn(parts) {
  let until = performance.now() + STRETCH
  for (const part of parts.reverse()) {
    if (performance.now() > until) {
      await rest()
      until = performance.now() + STRETCH
    }
    window.htmx.process(part)
  }
}

function rest() {
  return globalThis.scheduler?.yield?.() ?? new Promise((resolve) => { setTimeout(resolve) })
}
