import { SeededRandom } from '../faults/seeded-random.ts'
import { wireBytes, type FuzzRequest } from './fuzz-request.ts'
import { mutate } from './mutation.ts'
import { methods, oddHeader, oddWord, randomBytes } from './odd-values.ts'
import { otherPaths, type KnownRequest } from './request-corpus.ts'

export type Generated =
  /** Sound: it must be accepted, as it was the first time. */
  | { readonly kind: 'sound'; readonly known: KnownRequest; readonly bytes: Buffer }
  /** Its framing is right, so that exactly one answer comes. */
  | {
      readonly kind: 'mutated' | 'random'
      readonly method: string
      readonly path: string
      readonly bytes: Buffer
    }
  /** Bytes that may be no HTTP, or several requests: sent on a connection of their own. */
  | { readonly kind: 'broken'; readonly bytes: Buffer }

/** The request of that number: the same seed and number, the same bytes. */
export function generate(seed: number, index: number, corpus: readonly KnownRequest[]): Generated {
  const random = SeededRandom.at(seed, 'request', index)
  const known = random.of(corpus)
  const choice = random.fraction()
  if (choice < 0.1) return { kind: 'sound', known, bytes: wireBytes(known.request, chunkBytes(random)) }
  if (choice < 0.11) return { kind: 'broken', bytes: brokenBytes(known, random) }
  const kind = choice < 0.25 ? 'random' : 'mutated'
  const request = kind === 'random' ? randomRequest(random, corpus) : mutate(known.request, random, corpus)
  const sendable = { ...request, query: sendableTarget(request.query), path: sendableTarget(request.path) }
  return { kind, method: request.method, path: sendable.path, bytes: wireBytes(sendable, chunkBytes(random)) }
}

function chunkBytes(random: SeededRandom): number | undefined {
  return random.chance(0.9) ? undefined : random.of([1_000, 65_536])
}

/** A line break or blank would end the request line, so that the framing would be wrong. */
function sendableTarget(text: string): string {
  return text.replaceAll(/[\0-\x20\x7f]/g, '+').slice(0, 20_000)
}

function randomRequest(random: SeededRandom, corpus: readonly KnownRequest[]): FuzzRequest {
  const paths = [...corpus.map(({ request }) => request.path), ...otherPaths]
  return {
    method: random.of(methods),
    path: random.chance(0.9) ? random.of(paths) : `/${oddWord(random)}`,
    query: random.chance(0.5) ? '' : oddWord(random),
    headers: Array.from({ length: random.between(0, 5) }, () => oddHeader(random)),
    body: random.chance(0.2) ? Buffer.alloc(0) : randomBytes(random, random.of([1, 10, 100, 1_000])),
  }
}

const lineBreaks = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\0',
  ' ',
  '\r\n ',
  'content-length: 5\r\n',
  '0\r\n\r\n',
] as const

/** A request whose head or length is damaged; a last request that ends the connection follows. */
function brokenBytes({ request }: KnownRequest, random: SeededRandom): Buffer {
  const bytes = wireBytes(request, chunkBytes(random))
  const headEnd = bytes.indexOf('\r\n\r\n')
  const at = random.between(0, random.chance(0.7) ? headEnd : bytes.length)
  const inserted = random.chance(0.7)
    ? Buffer.from(random.of(lineBreaks))
    : randomBytes(random, random.between(1, 20))
  const damaged = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + random.between(0, 3))])
  const last = 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
  return Buffer.concat([damaged, Buffer.from(last)])
}
