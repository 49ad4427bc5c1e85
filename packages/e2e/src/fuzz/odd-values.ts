import type { SeededRandom } from '../faults/seeded-random.ts'

/** Values of the wrong kind, size or shape, as JSON text. */
const oddJson = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1e400',
  '-1e400',
  '9007199254740993',
  '1e-400',
  '123456789012345678901234567890',
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\uffff"',
  '"<script>"',
  '"\\r\\nx-injected: 1"',
  '[]',
  '[[]]',
  '[null]',
  '{}',
  '{"":""}',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":1,"length":-1}',
  '{"a":1,"a":2}',
  '"a@b.example"',
  '"2026-11-21T00:00:00Z"',
  '"-9223372036854775809"',
  '" 94 "',
  '94.5',
  '[94]',
] as const

const oddWords = [
  '',
  ' ',
  '\0',
  '%00',
  '%ff%fe',
  '%',
  '%zz',
  '%ed%a0%80',
  '%F0%9F%98%80',
  '__proto__',
  'constructor',
  'toString',
  '[]',
  '[a][b]',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e400',
  '0x10',
  "'; DROP TABLE events; --",
  '%0d%0ax-injected:%201',
  '../../etc/passwd',
  '=',
  '==',
  '&',
] as const

const headerNames = [
  'content-type',
  'content-encoding',
  'authorization',
  'user-agent',
  'x-forwarded-for',
  'forwarded',
  'x-plausible-ip',
  'x-plausible-ip-type',
  'x-debug-request',
  'cf-connecting-ip',
  'idempotency-key',
  'accept-language',
  'sec-ch-ua',
  'sec-ch-ua-full-version-list',
  'sec-ch-ua-platform',
  'sec-ch-ua-mobile',
  'referer',
  'origin',
  'cookie',
  'expect',
  'accept-encoding',
  'range',
  'if-none-match',
  'x-http-method-override',
  '__proto__',
] as const

const headerValues = [
  '',
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data; boundary=""',
  'multipart/form-data',
  'text/plain',
  '*/*',
  'json',
  'gzip',
  'identity',
  'Basic dDBrZW46',
  'Basic ',
  'Basic ////',
  'Bearer k',
  'Bearer',
  'Digest x',
  '127.0.0.1',
  '81.2.69.142, 10.0.0.1',
  'for="[::1]:80";proto=https, for=unknown',
  ',,,,',
  '999.999.999.999',
  'Googlebot/2.1 (+http://www.google.com/bot.html)',
  'curl/8.5.0',
  '"Chromium";v="140", "Not=A?Brand";v="24"',
  '\x80\xff\xfe',
  '{"a":1}',
  'null',
  '100-continue',
  'GET',
] as const

export const methods = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'LINK'] as const

/** Sizes at which limits lie; the largest are rare, so that a run stays short. */
function oddSize(random: SeededRandom): number {
  if (random.chance(0.97)) return random.of([2, 30, 121, 256, 301, 1_001])
  return random.of([2_001, 8_001, 20_001, random.chance(0.1) ? 1_000_001 : 32_769])
}

export function oddJsonValue(random: SeededRandom): string {
  if (random.chance(0.85)) return random.of(oddJson)
  const size = oddSize(random)
  switch (random.between(0, 4)) {
    case 0:
      return `"${random.of(['x', 'é', '\\u0000', '😀', ',', '👨‍👩‍👧'])}`.concat('x'.repeat(size), '"')
    case 1:
      return '['.repeat(size) + ']'.repeat(size)
    case 2:
      return `[${Array.from({ length: Math.min(size, 5_000) }, () => random.of(oddJson)).join()}]`
    case 3:
      return `{${Array.from({ length: Math.min(size, 10_001) }, (_, index) => `"k${String(index)}":${String(index)}`).join()}}`
    default:
      return `${random.chance(0.5) ? '-' : ''}${'9'.repeat(Math.min(size, 1_000))}`
  }
}

export function oddWord(random: SeededRandom): string {
  return random.chance(0.9)
    ? random.of(oddWords)
    : random.of(['x', ',', '%41', '&', '[']).repeat(oddSize(random))
}

export function oddHeader(random: SeededRandom): readonly [string, string] {
  const value = random.chance(0.95)
    ? random.of(headerValues)
    : random.of(['x', '1, ', '"']).repeat(random.of([300, 2_100, 5_000]))
  return [random.of(headerNames), value]
}

export function randomBytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.between(0, 255)))
}
