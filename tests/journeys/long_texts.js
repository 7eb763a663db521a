// What is wrong with the page as it stands, as sentences: wider than the screen; a text of ours (one in
// brackets) that is cut off, or leaves the button or label it belongs to; two texts on top of each other;
// and a page that has no text of ours.
async (width) => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame)  // what draws by size has drawn
  const found = [], all = document.documentElement.scrollWidth
  if (all > width) found.push(`${all} px wide`)

  const seen = { checkOpacity: true, checkVisibilityProperty: true }
  const hidden = (one) => one.clientWidth <= 1 && getComputedStyle(one).position === "absolute" || one.matches(".skip")
  const parents = (one) => { const all = []; for (; one && one !== document.body; one = one.parentElement) all.push(one); return all }
  const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement
    if (!node.data.trim() || element.closest("script, style, template, option, .cm-editor") || !element.checkVisibility(seen)) continue
    const above = parents(element)
    if (above.some(hidden)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const rects = [...range.getClientRects()].filter((one) => one.width > 1 && one.height > 1)
    if (rects.length) texts.push({ node, element, above, rects, said: node.data.trim().replace(/\s+/g, " ") })
  }

  const name = (one) => one.localName + [...one.classList].map((each) => `.${each}`).join("")
  const within = (rect, box) => rect.left >= box.left - 1.5 && rect.right <= box.right + 1.5 && rect.top >= box.top - 4 && rect.bottom <= box.bottom + 4
  if (!texts.some(({ said }) => said.endsWith("~]"))) found.push("nothing is long here")
  const controls = "button, .button, summary, label, legend, th, .badge, .pill, .tabs a"
  for (const { element, above, rects, said } of texts) {
    if (!/[\[\]~]/.test(said)) continue
    for (const one of above) {
      const { overflowX, overflowY } = getComputedStyle(one)
      if ([overflowX, overflowY].some((how) => ["auto", "scroll"].includes(how))) break  // one scrolls there
      const box = one.getBoundingClientRect()
      const cuts = overflowX !== "visible" || overflowY !== "visible", holds = one.matches(controls)
      if ((cuts || holds) && getComputedStyle(one).display !== "inline" && !rects.every((rect) => within(rect, box))) {
        found.push(`${cuts ? "cut off by" : "leaves"} ${name(one)}: ${said.slice(0, 60)}`)
        break
      }
    }
  }

  // Menus, dialogs and bars stand above the rest on purpose: each is a layer of its own.
  const layer = (above) => above.find((one) => ["absolute", "fixed", "sticky"].includes(getComputedStyle(one).position))
  const layers = texts.map(({ above }) => layer(above))
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5
  texts.forEach((one, at) => texts.slice(at + 1).forEach((other, next) => {
    if (layers[at] !== layers[at + 1 + next] || one.element === other.element) return
    if (one.rects.some((a) => other.rects.some((b) => meet(a, b)))) found.push(`on top of each other: ${one.said.slice(0, 40)} | ${other.said.slice(0, 40)}`)
  }))
  return found
}
