// Writes recado/web/static/vendor and recado/web/static/icons.svg from the packages in the lock file.
import { build } from "esbuild"
import { copyFileSync, readFileSync, writeFileSync } from "node:fs"
import { icons } from "./icons.js"
import { onePath } from "./one_path.js"

const from = (path) => new URL(`node_modules/${path}`, import.meta.url)
const here = (path) => new URL(`../../recado/web/static/${path}`, import.meta.url)
const version = (name) => JSON.parse(readFileSync(from(`${name}/package.json`), "utf8")).version

function copyHtmx() {
  const number = version("htmx.org")
  copyFileSync(from("htmx.org/dist/htmx.min.js"), here(`vendor/htmx-${number}.min.js`))
}

async function bundleCodeMirror() {
  await build({
    entryPoints: [new URL("codemirror.js", import.meta.url).pathname],
    outfile: here("vendor/codemirror-6.min.js").pathname,
    bundle: true, minify: true, format: "esm", target: "es2022", legalComments: "none",
  })
}

async function shrinkUplot() {
  const number = version("uplot")
  await build({
    entryPoints: [from("uplot/dist/uPlot.esm.js").pathname],
    outfile: here(`vendor/uplot-${number}.min.js`).pathname,
    minify: true, format: "esm", target: "es2022", legalComments: "none",
  })
  copyFileSync(from("uplot/dist/uPlot.min.css"), here(`vendor/uplot-${number}.min.css`))
}

function drawSprite() {
  const symbols = Object.entries(icons).map(([name, lucide]) => {
    const source = readFileSync(from(`lucide-static/icons/${lucide}.svg`), "utf8")
    const shapes = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"))
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"`
      + ` stroke-linecap="round" stroke-linejoin="round">${onePath(shapes)}</symbol>`
  })
  const credit = `<!-- Lucide ${version("lucide-static")}, ISC licence: vendor/LICENCES.txt -->`
  writeFileSync(here("icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${credit}\n${symbols.join("\n")}\n</svg>\n`)
}

function gatherLicences() {
  const packages = ["htmx.org", "@codemirror/view", "@lezer/common", "style-mod", "w3c-keyname", "crelt",
    "@marijn/find-cluster-break", "lucide-static", "uplot"]
  const texts = packages.map((name) => `${name} ${version(name)}\n\n${readFileSync(from(`${name}/LICENSE`), "utf8").trim()}\n`)
  writeFileSync(here("vendor/LICENCES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`))
}

copyHtmx()
await bundleCodeMirror()
await shrinkUplot()
drawSprite()
gatherLicences()
