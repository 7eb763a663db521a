// JSON that is still a template: where it breaks, and the same text laid out again, `{{…}}` untouched.
import { places } from "variables"

const TOKEN = /"(?:\\.|\{\{.*?\}\}|[^"\\])*"|\{\{.*?\}\}|[{}[\],:]|[^\s{}[\],:"]+|"/gs

/** The text with every place replaced by something of the same length that JSON accepts there. */
function masked(text) {
  let result = text
  for (const { from, to } of places(text)) {
    const mask = isInString(text, from) ? "x".repeat(to - from) : "0".padEnd(to - from)
    result = result.slice(0, from) + mask + result.slice(to)
  }
  return result
}

function isInString(text, position) {
  const line = text.slice(text.lastIndexOf("\n", position - 1) + 1, position)
  return (line.replace(/\{\{.*?\}\}/g, "").replace(/\\./g, "").split('"').length - 1) % 2 === 1
}

/** Null when the template is JSON around its places, else the position of the first break. */
export function firstBreak(text) {
  if (!text.trim() || text.includes("{%")) return null
  const shape = masked(text)
  try {
    JSON.parse(shape)
    return null
  } catch (error) {
    return Math.min(positionIn(error.message, shape), text.trimEnd().length)
  }
}

function positionIn(message, shape) {
  const offset = /position (\d+)/.exec(message)
  if (offset) return Number(offset[1])
  const spot = /line (\d+) column (\d+)/.exec(message)
  if (!spot) return shape.trimEnd().length
  const before = shape.split("\n").slice(0, Number(spot[1]) - 1)
  return before.reduce((sum, line) => sum + line.length + 1, 0) + Number(spot[2]) - 1
}

/** The same JSON with two spaces for each level; null where it is not JSON or holds Liquid tags. */
export function laidOut(text) {
  if (text.includes("{%") || firstBreak(text) !== null) return null
  let depth = 0
  let result = ""
  const tokens = text.match(TOKEN) ?? []
  const newLine = () => "\n" + "  ".repeat(depth)
  tokens.forEach((token, index) => {
    const isEmptyPair = "{[".includes(token) && "}]".includes(tokens[index + 1])
    const closesEmpty = "}]".includes(token) && "{[".includes(tokens[index - 1])
    if (token === "{" || token === "[") result += token + (isEmptyPair ? "" : (depth++, newLine()))
    else if (token === "}" || token === "]") result += closesEmpty ? token : (depth--, newLine() + token)
    else if (token === ",") result += "," + newLine()
    else result += token === ":" ? ": " : token
  })
  return result
}
