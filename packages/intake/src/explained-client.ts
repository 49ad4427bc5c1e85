import {
  clientIpSteps,
  ipTypeOf,
  type ClientIpSteps,
  type IpType,
  type LookedUpPlace,
  type RequestHeaders,
  type TrustedProxies,
} from '@millrace/enrichment'

/** Who a request is taken to come from, and why; for the operator of the proxies in front. */
export interface ExplainedClient extends ClientIpSteps {
  /** What a trusted proxy says of the address in `X-Plausible-IP-Type`. */
  readonly ipType: IpType | undefined
  /** Undefined where the data could not be read; `placeProblem` says why. */
  readonly place: LookedUpPlace | undefined
  readonly placeProblem?: string
}

export async function explainClient(
  request: { readonly peer: string; readonly headers: RequestHeaders },
  options: {
    readonly trustedProxies: TrustedProxies
    readonly placeOf: (ip: string) => Promise<LookedUpPlace>
  },
): Promise<ExplainedClient> {
  const { peer, headers } = request
  const { trustedProxies, placeOf } = options
  const steps = clientIpSteps({ peer, headers, trustedProxies })
  const ipType = ipTypeOf(headers, steps.peer.isTrusted)
  try {
    return { ...steps, ipType, place: await placeOf(steps.client) }
  } catch (error) {
    const placeProblem = error instanceof Error ? error.message : 'the place cannot be looked up'
    return { ...steps, ipType, place: undefined, placeProblem }
  }
}
