import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'

const sdkDirectory = dirname(createRequire(import.meta.url).resolve('@kameleoon/javascript-sdk'))

/** What the SDK asked its network for, and what it was told. */
export interface Exchange {
  /** As the SDK wrote it, with Kameleoon's own host. */
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** 0 for the first try. */
  readonly retryCount: number
  /** The server's answer. */
  readonly status: number
  /** What the SDK got to see of it. */
  readonly toldStatus: number
}

/** The part of the SDK's door that the visits use. */
export interface KameleoonSdk {
  readonly KameleoonClient: new (parameters: unknown) => KameleoonClient
  readonly PageView: new (page: {
    urlAddress: string
    title: string
    referrers?: readonly number[]
  }) => object
  readonly CustomData: new (index: number, ...values: readonly (string | boolean)[]) => object
  readonly GeolocationData: new (place: Readonly<Record<string, unknown>>) => object
  readonly UserAgent: new (userAgent: string) => object
}

export interface KameleoonClient {
  initialize(): Promise<boolean>
  addData(visitorCode: string, ...data: readonly object[]): void
  getVariation(request: { visitorCode: string; featureKey: string }): { readonly key: string }
  trackConversion(conversion: Readonly<Record<string, unknown>>): void
  flush(request: { visitorCode: string; instant: boolean }): void
}

export interface RunningSdk {
  readonly sdk: KameleoonSdk
  readonly client: KameleoonClient
  /** Tracking requests, in their order. */
  readonly exchanges: readonly Exchange[]
  /** Ends its timers; it has no end of its own. */
  readonly stop: () => Promise<void>
}

export const kameleoonSiteCode = 'abcdefghij'

/** Where the SDK finds itself. */
export const kameleoonPage = { href: 'https://example.com/shop?x=1&y=2', title: 'Produit #1 & more' }

/** What Kameleoon's configuration server would say: one experiment, all visitors in one variation; data 1 names a person. */
export const kameleoonConfiguration = {
  configuration: {
    realTimeUpdate: false,
    consentType: 'NOT_REQUIRED',
    dataApiDomain: 'data.kameleoon.io',
    consentOptOutBehavior: 'PARTIALLY_BLOCK',
  },
  customData: [
    { id: 1, index: 0, name: 'plan', localOnly: false, isMappingIdentifier: false, scope: 'VISITOR' },
    { id: 2, index: 1, name: 'account', localOnly: false, isMappingIdentifier: true, scope: 'VISITOR' },
  ],
  featureFlags: [
    {
      id: 1,
      featureKey: 'checkout',
      environmentEnabled: true,
      defaultVariationKey: 'off',
      variations: [
        { key: 'on', variables: [] },
        { key: 'off', variables: [] },
      ],
      rules: [
        {
          type: 'EXPERIMENTATION',
          id: 7,
          order: 0,
          respoolTime: null,
          exposition: 1,
          experimentId: 99_001,
          variationByExposition: [{ variationKey: 'on', variationId: 501, exposition: 1 }],
          segment: null,
        },
      ],
    },
  ],
}

export interface SdkOptions {
  /** Base URL that takes the place of Kameleoon's data API. */
  readonly dataUrl: string
  readonly userAgent: string
  /** Of the first so many requests the SDK gets 503 in place of the answer, as when it is lost on the way. */
  readonly answersLost?: number
}

/**
 * Starts the published SDK in a world of its own that has what it asks a browser for: storage, cookies, a user agent.
 */
export async function startKameleoonSdk(options: SdkOptions): Promise<RunningSdk> {
  const timers = new Set<NodeJS.Timeout>()
  const sdk = await loadSdk(options.userAgent, timers)
  const exchanges: Exchange[] = []
  const client = new sdk.KameleoonClient({
    siteCode: kameleoonSiteCode,
    configuration: { trackingInterval: 1000 },
    externals: { requester: requester(options, exchanges), logger: { log: () => undefined } },
  })
  const stop = (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer)
    return Promise.resolve()
  }
  return { sdk, client, exchanges, stop }
}

async function loadSdk(userAgent: string, timers: Set<NodeJS.Timeout>): Promise<KameleoonSdk> {
  const kept = <Args extends unknown[]>(start: (...args: Args) => NodeJS.Timeout) => {
    return (...args: Args): NodeJS.Timeout => {
      const timer = start(...args)
      timers.add(timer)
      return timer
    }
  }
  const stored = new Map<string, string>()
  const world = createContext({
    window: { location: { href: kameleoonPage.href } },
    navigator: { userAgent },
    document: { cookie: '', title: kameleoonPage.title },
    localStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
    },
    setInterval: kept((run: () => void, ms: number) => setInterval(run, ms)),
    setTimeout: kept((run: () => void, ms: number) => setTimeout(run, ms)),
    clearInterval,
    clearTimeout,
    AbortController,
    console,
  })
  runInContext(await readFile(join(sdkDirectory, 'javascript-sdk.umd.min.js'), 'utf8'), world)
  return (world as { KameleoonSDK: KameleoonSdk }).KameleoonSDK
}

/** Answers for the configuration server, and leads tracking to `dataUrl`, as a browser with that user agent. */
function requester({ dataUrl, userAgent, answersLost = 0 }: SdkOptions, exchanges: Exchange[]): object {
  return {
    sendRequest: async (request: SdkRequest): Promise<unknown> => {
      const url = new URL(request.url)
      if (url.hostname.startsWith('sdk-config.')) return Response.json(kameleoonConfiguration)
      const { method, body, headers = {}, signal } = request.parameters
      const response = await fetch(new URL(url.pathname + url.search, dataUrl), {
        method,
        headers: { ...headers, 'user-agent': userAgent },
        signal,
        ...(body === undefined ? {} : { body }),
      })
      const told = exchanges.length < answersLost ? new Response('', { status: 503 }) : response
      exchanges.push({
        url: request.url,
        method,
        headers: { ...headers },
        body: body ?? '',
        retryCount: request.retryCount ?? 0,
        status: response.status,
        toldStatus: told.status,
      })
      return told
    },
  }
}

interface SdkRequest {
  readonly url: string
  readonly retryCount?: number
  readonly parameters: {
    readonly method: string
    readonly body?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly signal: AbortSignal | null
  }
}
