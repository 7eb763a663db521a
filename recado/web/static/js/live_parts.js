// How the parts of a page (data-live) look for what is new in them. With data-after="80" (milliseconds; with an id) a part lets
// those go first that people wait for, and asks for one answer at a time: news that comes meanwhile is looked at once that stands there.
import { HeardNews } from "heard_news"
import { LiveTurns } from "live_turns"

const CHOOSING = 500 // milliseconds until a part looks whose list somebody searches: drawn anew, it would close
const BROKEN = 5000 // until it looks again after a proxy's page came in place of its own
const OWN = 300 // that a part waits for the answer to a form which draws it too
const PATIENCE = 2000 // that it waits for what it has asked itself

const isOfOne = (name) => name.includes(":") // of one conversation, contact or person
const namesOf = (part) => ["everything", ...part.dataset.live.split(/\s+/)]
const isChosenFrom = (part) => Boolean(part.querySelector("pick-one [aria-expanded=true]"))
const isLook = (ctx) => ctx.sourceEvent?.type === "recado:refresh"

export class LiveParts {
  #heard = new HeardNews()
  #turns = new LiveTurns()
  #looks = new Map() // what each part has asked and has no answer to, by its id
  #forms = new Map() // forms on their way whose answer draws a part, by its id

  listen(how) {
    document[how]("htmx:before:request", this.#ask)
    document[how]("htmx:before:swap", this.#keep)
    document[how]("htmx:after:swap", this.#drawn)
    document[how]("htmx:finally:request", this.#end)
    document[how]("visibilitychange", this.#turns.show)
  }

  takeTurns(pace) {
    this.#turns.pace = pace
  }

  hear(names) {
    this.#heard.add(names)
    const heardBy = (part, which) => namesOf(part).some((name) => names.includes(name) && which(name))
    const parts = [...document.querySelectorAll("[data-live]")].filter((part) => heardBy(part, Boolean))
    const isNear = parts.some((part) => heardBy(part, isOfOne))
    for (const part of parts) {
      if (isNear) this.#turns.skip(part.id)
      this.#hurry(part)
    }
  }

  #hurry(part) {
    if (part.dataset.after > 0) this.#look(part.id, this.#turns.wait(part))
    else this.#now(part)
  }

  #look(id, wait) {
    this.#turns.after(wait, id, () => {
      const part = document.getElementById(id)
      if (part) this.#now(part)
    })
  }

  #now(part) {
    const { id } = part
    if (isChosenFrom(part)) return this.#look(id, CHOOSING)
    if ("after" in part.dataset) {
      if (performance.now() - this.#looks.get(id)?.askedAt < PATIENCE) return // its end looks again
      const form = this.#forms.get(id)
      if (form && !form.isWaitedFor) {
        form.isWaitedFor = true
        return this.#look(id, OWN)
      }
    }
    part.dispatchEvent(new CustomEvent("recado:refresh"))
  }

  #ask = ({ detail: { ctx } }) => {
    ctx.askedAt = performance.now()
    const id = ctx.target?.id
    this.#turns.taken(id)
    if (id && isLook(ctx)) this.#looks.set(id, ctx)
    else if (id && ctx.request.method === "POST") this.#forms.set(id, ctx)
  }

  #keep = (event) => {
    const { ctx } = event.detail
    if (!isLook(ctx) || !ctx.target.dataset.live) return
    const isBroken = ctx.response.status >= 500
    if (!isBroken && !isChosenFrom(ctx.target)) return
    event.preventDefault()
    this.#look(ctx.target.id, isBroken ? BROKEN : CHOOSING)
  }

  // What was asked before the news and is put in place after it is old, whoever asked, and even where no such part
  // stood before; and it does not listen yet in the moment in which it is put there. It looks once more.
  #drawn = ({ detail: { ctx } }) => {
    this.#looks.delete(ctx.target?.id)
    const place = document.getElementById(ctx.target?.id)
    for (const part of place ? [place, ...place.querySelectorAll("[data-live]")] : []) {
      if (!part.dataset.live) continue
      if (this.#isOld(part, ctx)) this.#hurry(part)
      else this.#turns.forget(part.id)
    }
  }

  // An answer that says that it has told what it did, once, shows that, and what was told before it. So one piece of news
  // is its own; or somebody else's, and its own is still to come and is looked at then.
  #isOld(part, ctx) {
    const own = part === ctx.target && ctx.response?.headers.has("recado-told") ? 1 : 0
    return this.#heard.since(ctx.askedAt, namesOf(part)) > own
  }

  // What failed, or was put off, has not shown the news that came while it was asked.
  #end = ({ detail: { ctx } }) => {
    const id = ctx.target?.id
    if (this.#forms.get(id) === ctx) this.#forms.delete(id)
    if (this.#looks.get(id) !== ctx) return
    this.#looks.delete(id)
    const part = document.getElementById(id)
    if (part?.dataset.live && this.#heard.since(ctx.askedAt, namesOf(part))) this.#hurry(part)
  }
}
