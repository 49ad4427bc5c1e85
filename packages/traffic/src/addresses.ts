import { worldNetworks, type Network, type Prefix } from './networks.ts'
import type { TrafficRandom } from './random.ts'
import { WeightedChoice } from './weighted-choice.ts'

/** Where a visitor connects from. */
export interface Origin {
  readonly country: string
  readonly ip: string
  readonly isIpv6: boolean
}

/** About what Google and APNIC measure of the world's users; mobile networks are further. */
const ipv6Shares = { access: 0.35, mobile: 0.6, cloud: 0.1 } as const

/** Draws addresses of real networks by the weight of their countries. */
export class Addresses {
  readonly #all: WeightedChoice<Network>
  readonly #clouds: WeightedChoice<Network>

  constructor() {
    const networks = worldNetworks()
    const clouds = networks.filter(({ kind }) => kind === 'cloud')
    this.#all = byWeight(networks)
    this.#clouds = byWeight(clouds)
  }

  /** A person's. */
  draw(random: TrafficRandom): Origin {
    return originIn(this.#all.draw(random), random)
  }

  /** A server's or a crawler's. */
  drawCloud(random: TrafficRandom): Origin {
    return originIn(this.#clouds.draw(random), random)
  }
}

function byWeight(networks: readonly Network[]): WeightedChoice<Network> {
  return new WeightedChoice(
    networks,
    networks.map(({ weight }) => weight),
  )
}

function originIn({ country, kind, ipv4, ipv6 }: Network, random: TrafficRandom): Origin {
  const isIpv6 = ipv6.length > 0 && random.chance(ipv6Shares[kind])
  const ip = isIpv6 ? ipv6Of(random.of(ipv6), random) : ipv4Of(random.of(ipv4), random)
  return { country, ip, isIpv6 }
}

function ipv4Of(prefix: Prefix, random: TrafficRandom): string {
  const [a, b, c, d] = filled(prefix, 8, random)
  // No address of a network ends in 0 or 255.
  return `${String(a)}.${String(b)}.${String(c)}.${String(Math.min(254, Math.max(1, d ?? 1)))}`
}

function ipv6Of(prefix: Prefix, random: TrafficRandom): string {
  return filled(prefix, 16, random)
    .map((part) => part.toString(16))
    .join(':')
}

/** The prefix's parts, with chance in the bits that it leaves open. */
function filled({ parts, bits }: Prefix, partBits: number, random: TrafficRandom): number[] {
  return parts.map((part, index) => {
    const open = Math.min(partBits, Math.max(0, (index + 1) * partBits - bits))
    return open === 0 ? part : part + random.below(2 ** open)
  })
}
