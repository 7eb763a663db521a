// An icon's shapes as one path, which looks the same: browsers make an element of each shape for each place
// in which an icon stands, and work out its style.
const number = (text) => Number(text ?? 0)

const paths = {
  path: ({ d }) => absoluteStart(d),
  line: ({ x1, y1, x2, y2 }) => `M${x1} ${y1}L${x2} ${y2}`,
  polyline: ({ points }) => `M${points.trim()}`,
  polygon: ({ points }) => `M${points.trim()}z`,
  circle: ({ cx, cy, r }) => `M${cx} ${cy}m-${r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0-${2 * r} 0z`,
  rect: ({ x, y, width, height, rx, ry }) => rounded(number(x), number(y), number(width), number(height), number(rx ?? ry)),
}

function rounded(x, y, width, height, r) {
  const across = width - 2 * r, down = height - 2 * r
  if (!r) return `M${x} ${y}h${width}v${height}h-${width}z`
  const turn = (dx, dy) => `a${r} ${r} 0 0 1 ${dx} ${dy}`
  return `M${x + r} ${y}h${across}${turn(r, r)}v${down}${turn(-r, r)}h${-across}${turn(-r, -r)}v${-down}${turn(r, -r)}z`
}

/** A path that may stand behind another: "m" alone would begin where that one ends. */
function absoluteStart(d) {
  const point = /^\s*m\s*(-?[\d.]+)[\s,]*(-?(?:\d+\.?\d*|\.\d+))\s*(?=([-\d.]?))/.exec(d)
  if (!point) return d.trim()
  return `M${point[1]} ${point[2]}${point[3] ? "l" : ""}${d.slice(point[0].length)}`
}

/** Those with a colour of their own stay as they are. */
export function onePath(shapes) {
  const apart = [], joined = []
  for (const [whole, name, attributes] of shapes.matchAll(/<([a-z]+)\s([^>]*?)\s*\/>/g)) {
    const values = Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]))
    if ("fill" in values || !paths[name]) apart.push(whole)
    else joined.push(paths[name](values))
  }
  return `<path d="${joined.join("")}"/>${apart.join("")}`
}
