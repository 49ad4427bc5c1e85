import { toUSVString } from 'node:util'
import type { SeededRandom } from '../faults/seeded-random.ts'
import type { FuzzRequest } from './fuzz-request.ts'
import { methods, oddHeader, oddJsonValue, oddWord, randomBytes } from './odd-values.ts'
import { otherPaths, type KnownRequest } from './request-corpus.ts'

type Mutate = (request: FuzzRequest, random: SeededRandom, corpus: readonly KnownRequest[]) => FuzzRequest

/** Bodies grow by mutation; larger ones are cut. */
const bodyBytesMax = 4_000_000

const ofBody =
  (change: (body: Buffer, random: SeededRandom, corpus: readonly KnownRequest[]) => Buffer): Mutate =>
  (request, random, corpus) => ({
    ...request,
    body: change(request.body, random, corpus).subarray(0, bodyBytesMax),
  })

/** What may happen to a request, with its weight. */
const mutations: readonly (readonly [weight: number, mutate: Mutate])[] = [
  [8, ofBody((body, random) => Buffer.from(mutateJson(body.toString('utf8'), random)))],
  [6, ofBody((body, random) => Buffer.from(mutatePairs(body.toString('utf8'), random)))],
  [4, ofBody(mutateBytes)],
  [2, ofBody((body, random, corpus) => splice(body, random.of(corpus).request.body, random))],
  [1, ofBody((body, random) => repeatPart(body, random))],
  [3, (request, random) => ({ ...request, query: mutatePairs(request.query, random) })],
  [1, (request, random, corpus) => ({ ...request, query: random.of(corpus).request.query })],
  [2, (request, random, corpus) => ({ ...request, path: random.of(corpus).request.path })],
  [1, (request, random) => ({ ...request, path: random.of(otherPaths) })],
  [2, (request, random) => ({ ...request, method: random.of(methods) })],
  [1, (request, random) => asGet(request, random)],
  [4, (request, random) => ({ ...request, headers: [...request.headers, oddHeader(random)] })],
  [3, replaceHeader],
  [2, (request, random) => ({ ...request, headers: without(request.headers, random) })],
  [1, asForm],
]

const weights = mutations.reduce((sum, [weight]) => sum + weight, 0)

/** A sound request with one to four things changed. */
export function mutate(
  request: FuzzRequest,
  random: SeededRandom,
  corpus: readonly KnownRequest[],
): FuzzRequest {
  let mutated = request
  for (let left = random.of([1, 1, 1, 2, 2, 3, 4]); left > 0; left--) {
    mutated = pick(random)(mutated, random, corpus)
  }
  return mutated
}

function pick(random: SeededRandom): Mutate {
  let at = random.between(1, weights)
  for (const [weight, change] of mutations) {
    at -= weight
    if (at <= 0) return change
  }
  throw new Error('bug: weights do not add up')
}

/** Values, keys and members of JSON text, changed as text, so that what no object can hold is sent too. */
function mutateJson(text: string, random: SeededRandom): string {
  const tokens = text.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\],]|[\w.+-]+)/)
  const at = random.between(0, Math.max(0, tokens.length - 1))
  const token = tokens[at] ?? ''
  const isKey = token.endsWith(':')
  const replaced = isKey ? mutateKey(token, random) : oddJsonValue(random)
  switch (random.between(0, 5)) {
    case 0:
      return [...tokens.slice(0, at), ...tokens.slice(at + 1)].join('')
    case 1:
      return [...tokens.slice(0, at), token, token, ...tokens.slice(at + 1)].join('')
    default:
      return [...tokens.slice(0, at), replaced, ...tokens.slice(at + 1)].join('')
  }
}

function mutateKey(key: string, random: SeededRandom): string {
  return random.of([
    key.toUpperCase(),
    key.toLowerCase(),
    '"__proto__":',
    '"constructor":',
    '"":',
    '"\\ud800":',
    `${key}${oddJsonValue(random)},${key}`,
    `"x":${oddJsonValue(random)},${key}`,
  ])
}

/** The pairs of a form, a query or a line of either. */
function mutatePairs(text: string, random: SeededRandom): string {
  const pieces = text.split(/([&\n])/)
  const at = 2 * random.between(0, Math.floor(pieces.length / 2))
  const piece = pieces[at] ?? ''
  const equals = piece.indexOf('=')
  const name = equals === -1 ? piece : piece.slice(0, equals)
  const value = equals === -1 ? '' : piece.slice(equals + 1)
  pieces[at] = random.of([
    '',
    name,
    `${name}=`,
    `${name}=${oddWord(random)}`,
    `${oddWord(random)}=${value}`,
    `${name.toUpperCase()}=${value}`,
    `${name}[]=${value}`,
    `${name}[${oddWord(random)}]=${value}`,
    `${piece}&${piece}`,
    `${piece}&${name}=${oddWord(random)}`,
    `${piece}\n${piece}`,
    `${name}=${encodeURIComponent(toUSVString(oddJsonValue(random).slice(0, 5_000)))}`,
  ])
  const mutated = pieces.join('')
  // A request line takes no blanks and no control characters.
  return random.chance(0.5) ? mutated : mutated.replaceAll(/[^\x21-\x7e\n]/g, '+')
}

function mutateBytes(body: Buffer, random: SeededRandom): Buffer {
  const at = random.between(0, body.length)
  const length = random.of([1, 1, 2, 8, 64])
  switch (random.between(0, 3)) {
    case 0:
      return body.subarray(0, at)
    case 1:
      return Buffer.concat([body.subarray(0, at), body.subarray(at + length)])
    case 2:
      return Buffer.concat([body.subarray(0, at), randomBytes(random, length), body.subarray(at + length)])
    default:
      return Buffer.concat([
        body.subarray(0, at),
        Buffer.from(random.of(['\0', '"', '\\', '{', '[', ',', '&', '=', '%', '\n', '\r\n', '\ufeff', 'é'])),
        body.subarray(at),
      ])
  }
}

function splice(body: Buffer, other: Buffer, random: SeededRandom): Buffer {
  return Buffer.concat([
    body.subarray(0, random.between(0, body.length)),
    other.subarray(random.between(0, other.length)),
  ])
}

function repeatPart(body: Buffer, random: SeededRandom): Buffer {
  const from = random.between(0, body.length)
  const part = body.subarray(from, random.between(from, Math.min(body.length, from + 40)))
  const times = random.of([2, 30, 300, random.chance(0.02) ? 20_000 : 3])
  return Buffer.concat([body.subarray(0, from), ...Array<Buffer>(times).fill(part), body.subarray(from)])
}

/** As older clients do: the body in the query. */
function asGet(request: FuzzRequest, random: SeededRandom): FuzzRequest {
  const data = random.chance(0.5)
    ? request.body.toString('base64')
    : request.body.toString('utf8').slice(0, 4_000)
  const encoded = encodeURIComponent(toUSVString(data.slice(0, 8_000)))
  const query = `_method=post&encode=base64&data=${encoded}&${request.query}`
  return { ...request, method: 'GET', query, body: Buffer.alloc(0) }
}

/** The fields of a JSON body as a multipart form. */
function asForm(request: FuzzRequest, random: SeededRandom): FuzzRequest {
  const fields = [...request.body.toString('utf8').matchAll(/"(\w+)":("[^"]*"|[\w.]+)/g)]
  const parts = fields.map(
    ([, name = '', value = '']) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value.replaceAll('"', '')}\r\n`,
  )
  const end = random.of(['--x--\r\n', '--x', ''])
  const headers = [
    ...without(request.headers, 'content-type'),
    ['content-type', 'multipart/form-data; boundary=x'] as const,
  ]
  return { ...request, headers, body: Buffer.from(parts.join('') + end) }
}

function replaceHeader(request: FuzzRequest, random: SeededRandom): FuzzRequest {
  const [name, value] = oddHeader(random)
  return { ...request, headers: [...without(request.headers, name), [name, value]] }
}

function without(headers: FuzzRequest['headers'], which: string | SeededRandom): FuzzRequest['headers'] {
  if (typeof which === 'string') return headers.filter(([name]) => name !== which)
  const at = which.between(0, Math.max(0, headers.length - 1))
  return headers.filter((_, index) => index !== at)
}
