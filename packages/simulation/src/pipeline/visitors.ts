import type { ReceivedRequest } from '@millrace/intake'
import type { WireAnswer } from '@millrace/protocols'
import { refusedMark } from '../store/store-server.ts'
import { shieldedAddress, unenrichableMark } from './enrichment-rules.ts'
import type { Supervisor } from './supervisor.ts'
import type { World } from './world.ts'

/** One event as a visitor sent it; site and path tell it from every other. */
export interface SentEvent {
  readonly site: string
  readonly pathname: string
  /** How often it was sent, under one client event id. */
  tries: number
  /** The best of the answers; undefined while the first is open. */
  fate: 'accepted' | 'unavailable' | 'unanswered' | undefined
  /** Its place as the last answer of 202 gave it, where that gave one for it alone. */
  receipt: string | undefined
}

interface Visitor {
  readonly address: string
  readonly userAgent: string
}

interface Click {
  readonly id: string
  readonly name: string
  readonly sites: readonly string[]
  readonly pathname: string
}

interface Sending {
  readonly id: string
  readonly events: readonly SentEvent[]
  readonly request: ReceivedRequest
  readonly triesLeft: number
}

const eventNames = ['pageview', 'pageview', 'pageview', 'engagement', 'Purchase']
const clientMsMax = 8_000
const sitesOfVisitors = ['one.example', 'two.example']
const browser = (version: number) =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`

/** Browsers that send events and note the answers. */
export class Visitors {
  readonly sent: SentEvent[] = []
  readonly #world: World
  readonly #supervisor: Supervisor
  readonly #visitors: readonly Visitor[]
  #open = 0

  constructor(world: World, supervisor: Supervisor) {
    this.#world = world
    this.#supervisor = supervisor
    this.#visitors = Array.from({ length: world.settings.visitors }, (_, index) => ({
      address: world.random.chance(0.15) ? shieldedAddress : `81.2.69.${index}`,
      userAgent: world.random.chance(0.25) ? 'Googlebot/2.1' : browser(130 + (index % 3)),
    }))
  }

  /** Whether a request waits for its answer. */
  get areWaiting(): boolean {
    return this.#open > 0
  }

  /** Sends requests at times within the span: alone, in bursts, with silences. */
  send(count: number, spanMs: number): void {
    const { scheduler, random } = this.#world
    let at = random.between(0, spanMs)
    for (let sent = 0; sent < count; sent++) {
      if (random.chance(0.5)) at = random.between(0, spanMs)
      this.#open++
      scheduler.after(at + random.between(0, 3), () => this.#sendOne())
    }
  }

  #sendOne(): void {
    const { random } = this.#world
    const id = `e${this.sent.length}`
    const sites = random.chance(0.05) ? sitesOfVisitors : [random.pick(sitesOfVisitors)]
    const name = random.pick(eventNames)
    const pathname = `/${id}${this.#mark(name)}`
    const events = sites.map((site): SentEvent => ({
      site,
      pathname,
      tries: 0,
      fate: undefined,
      receipt: undefined,
    }))
    this.sent.push(...events)
    const request = this.#request({ id, name, sites, pathname })
    this.#try({ id, events, request, triesLeft: random.chance(0.4) ? random.whole(1, 3) : 0 })
  }

  #try(sending: Sending): void {
    const { scheduler, random, history } = this.#world
    const { id, events, request, triesLeft } = sending
    let isOpen = true
    for (const event of events) event.tries++
    history.add('visitor', `sends ${id}`)
    const settle = (fate: Exclude<SentEvent['fate'], undefined>, text: string) => {
      if (!isOpen) return
      isOpen = false
      history.add('visitor', `${id}: ${text}`)
      for (const event of events) if (event.fate !== 'accepted') event.fate = fate
      if (fate === 'accepted' || triesLeft === 0) this.#open--
      else {
        const again = () => this.#try({ ...sending, triesLeft: triesLeft - 1 })
        scheduler.after(random.between(50, 4_000), again)
      }
    }
    const isAnswerLost = triesLeft > 0 && random.chance(0.1)
    this.#supervisor.request(request, (answer) => {
      if (isAnswerLost) history.add('visitor', `${id}: an answer is lost`)
      else if (answer instanceof Error) settle('unanswered', `fails: ${answer.message}`)
      else {
        const receipt = answer.headers?.['x-millrace-receipt'] ?? ''
        const [event] = events
        if (events.length === 1 && event !== undefined && receipt !== '') event.receipt = receipt
        settle(fateOf(answer), `${answer.status} ${receipt}`)
      }
    })
    scheduler.after(clientMsMax, () => settle('unanswered', 'gives up'))
  }

  /** An engagement event without a session is dropped before it could be refused, so none is marked to be refused. */
  #mark(name: string): string {
    const { random, settings } = this.#world
    if (random.chance(0.03)) return `-${unenrichableMark}`
    const isRefused = name !== 'engagement' && random.chance(settings.refusedShare)
    return isRefused ? `-${refusedMark}` : ''
  }

  #request({ id, name, sites, pathname }: Click): ReceivedRequest {
    const { random } = this.#world
    const { address, userAgent } = random.pick(this.#visitors)
    const body = {
      n: name,
      u: `https://${sites[0] ?? ''}${pathname}`,
      d: sites.join(','),
      r: random.chance(0.3) ? 'https://news.example/' : null,
      ...(name === 'engagement' ? { sd: 40, e: 1_500 } : {}),
    }
    return {
      method: 'POST',
      query: '',
      headers: { 'content-type': 'application/json', 'user-agent': userAgent, 'idempotency-key': id },
      body: Buffer.from(JSON.stringify(body)),
      peer: address,
    }
  }
}

function fateOf({ status }: WireAnswer): 'accepted' | 'unavailable' {
  if (status === 202) return 'accepted'
  if (status === 503) return 'unavailable'
  throw new Error(`the simulated visitors send nothing that is answered with ${status}`)
}
