// A plain form is sent once, however often one presses: a second click would do it again, or show what the first
// has done as a mistake ("is in use already"). Whoever presses after that long has seen nothing come back.
const PATIENCE = 8_000  // milliseconds

const sent = new WeakMap()  // when each form was sent

addEventListener("submit", (event) => {
  const form = event.target
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return  // htmx has it, or it only asks
  if (event.timeStamp - (sent.get(form) ?? -PATIENCE) < PATIENCE) event.preventDefault()
  else note(form, event.timeStamp)
})

function note(form, at) {
  sent.set(form, at)
  form.ariaBusy = "true"  // which is seen: a file may take a while
  setTimeout(() => { form.ariaBusy = null }, PATIENCE)
}

// Come back to by the browser's arrows, the page is as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) { sent.delete(form); form.ariaBusy = null }
})
