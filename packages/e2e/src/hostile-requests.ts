/** One way in, and how to put something hostile into a request of it. */
export interface Door {
  readonly name: string
  readonly path: string
  readonly type: string
  /** A sound request of one event, as JSON text, with more members of the object where properties are free. */
  readonly json: (moreProperties?: string) => string
  /** The same as a form or as lines, with more pairs. */
  readonly pairs: { readonly type: string; readonly path: string; readonly text: (more?: string) => string }
  readonly keys: readonly DoorKey[]
}

/** A key as it stands in path or body, so that another can be put in its place. */
export interface DoorKey {
  readonly right: string
  readonly wrong: readonly string[]
  /** Of another site of the same file. */
  readonly ofAnother?: string
}

export const hostileSites = {
  acceptUnknownSites: false,
  sites: [
    {
      domain: 'example.com',
      shields: { ips: ['203.0.113.7'] },
      kameleoon: { siteCodes: ['abcdefghij'] },
      octeth: { listIds: [94] },
      successeve: { apiTokens: ['t0ken'] },
    },
    {
      domain: 'other.example',
      kameleoon: { siteCodes: ['otherother'] },
      octeth: { listIds: [95] },
      successeve: { apiTokens: ['0thert0ken'] },
    },
  ],
  octeth: { apiKeys: ['k3y-of-the-account'], sessionIds: [] },
}

const json = 'application/json'
const form = 'application/x-www-form-urlencoded'

export const doors: readonly Door[] = [
  {
    name: 'Plausible',
    path: '/api/event',
    type: 'text/plain',
    json: (more = '') => `{"n":"Signup","u":"https://example.com/","d":"example.com","p":{"a":"b"${more}}}`,
    pairs: {
      type: form,
      path: '/api/event',
      text: (more = '') => `n=Signup&u=https%3A%2F%2Fexample.com%2F&d=example.com${more}`,
    },
    keys: [],
  },
  {
    name: 'Kameleoon',
    path: '/visit/events?siteCode=abcdefghij&visitorCode=hostile-1&json=true',
    type: json,
    json: (more = '') =>
      `[{"nonce":"00000000000000a1","eventType":"CONVERSION","goalId":2,"metadata":{"1":["b"]${more}}}]`,
    pairs: {
      type: '*/*',
      path: '/visit/events?siteCode=abcdefghij&visitorCode=hostile-1',
      text: (more = '') => `nonce=00000000000000a2&eventType=PAGE&href=https%3A%2F%2Fexample.com%2F${more}`,
    },
    keys: [{ right: 'abcdefghij', wrong: ['abcdefghi', 'ABCDEFGHIJ'], ofAnother: 'otherother' }],
  },
  {
    name: 'Octeth',
    path: '/api/v1/event',
    type: json,
    json: (more = '') =>
      `{"APIKey":"k3y-of-the-account","ListID":94,"Event":"test","Email":"a@example.com","Properties":{"a":"b"${more}}}`,
    pairs: {
      type: form,
      path: '/api/v1/event',
      text: (more = '') => `APIKey=k3y-of-the-account&ListID=94&Event=test&Email=a%40example.com${more}`,
    },
    keys: [
      { right: 'k3y-of-the-account', wrong: ['k3y-of-the-accoun', 'K3Y-OF-THE-ACCOUNT', ''] },
      { right: 'ListID":94', wrong: ['ListID":9', 'ListID":[94]', 'ListID":""'], ofAnother: 'ListID":95' },
    ],
  },
  {
    name: 'SuccessEve',
    path: '/v1/track/event?api_token=t0ken',
    type: json,
    json: (more = '') => `{"contact_uid":"1","event_uid":"login","params":{"a":"b"${more}}}`,
    pairs: {
      type: form,
      path: '/v1/track/event?api_token=t0ken',
      text: (more = '') =>
        `data=${encodeURIComponent('{"contact_uid":"1","event_uid":"login","params":{}}')}${more}`,
    },
    keys: [{ right: 't0ken', wrong: ['t0ke', 'T0KEN', ''], ofAnother: '0thert0ken' }],
  },
]

export interface HostileBody {
  readonly title: string
  readonly of: (door: Door) => {
    readonly path: string
    readonly type: string
    readonly body: string | Buffer
  }
  /** Of Plausible, Kameleoon, Octeth and SuccessEve. */
  readonly statuses: readonly [number, number, number, number]
}

const asJson = (of: (door: Door) => string | Buffer) => (door: Door) => ({ ...door, body: of(door) })
const asPairs = (more: string) => (door: Door) => ({ ...door.pairs, body: door.pairs.text(more) })

/** A value in the place of JSON text, byte by byte. */
function withBytes(door: Door, bytes: Buffer): Buffer {
  const [before = '', after = ''] = door.json(',"x":"<here>"').split('<here>')
  return Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)])
}

const refused = [400, 202, 400, 400] as const
/** Octeth's key stands in the body. */
const refusedWithoutKey = [400, 202, 401, 400] as const
const taken = [202, 202, 200, 200] as const

/** What is sent to every door. Kameleoon answers before its body is read: what is wrong in it is a dead letter. */
export const hostileBodies: readonly HostileBody[] = [
  { title: 'a megabyte of commas', of: asJson(() => ','.repeat(1_000_000)), statuses: refused },
  {
    title: 'a list of a megabyte of commas',
    of: asJson(() => `[${','.repeat(999_998)}]`),
    statuses: refused,
  },
  { title: 'a megabyte of ampersands', of: asPairs('&'.repeat(999_000)), statuses: refused },
  { title: 'nesting of 100,000 levels', of: asJson(() => '['.repeat(100_000)), statuses: refused },
  {
    title: 'nesting of 100,000 levels in a property',
    of: asJson((door) => door.json(`,"x":${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`)),
    statuses: refused,
  },
  {
    title: 'nesting of 900 levels in a property',
    of: asJson((door) => door.json(`,"x":${'['.repeat(900)}${']'.repeat(900)}`)),
    statuses: taken,
  },
  { title: 'nothing', of: asJson(() => ''), statuses: refusedWithoutKey },
  { title: 'a NUL byte', of: asJson(() => '\0'), statuses: refused },
  { title: 'bytes of no text', of: asJson(() => Buffer.from([0xff, 0xfe, 0xfd, 0x80])), statuses: refused },
  {
    title: 'NUL bytes in a property',
    of: asJson((door) => door.json(',"x\\u0000":"a\\u0000b"')),
    statuses: taken,
  },
  {
    title: 'a raw NUL byte in a text',
    of: asJson((door) => withBytes(door, Buffer.from([0x61, 0, 0x62]))),
    statuses: refused,
  },
  {
    title: 'lone surrogates in a property',
    of: asJson((door) => door.json(',"\\udc00x":"a\\ud800b\\ud83d"')),
    statuses: taken,
  },
  {
    title: 'bytes that are no UTF-8 in a text',
    of: asJson((door) => withBytes(door, Buffer.from([0xed, 0xa0, 0x80, 0xc0, 0xaf]))),
    statuses: refused,
  },
  {
    title: 'broken escapes of a form',
    of: asPairs('&x=%ff%fe%ed%a0%80%zz%&%00=%00'),
    statuses: taken,
  },
  {
    title: 'a key twice',
    of: asJson((door) => door.json(',"a":"c","a":["d"],"__proto__":1,"__proto__":2')),
    statuses: taken,
  },
  {
    title: 'a prototype in JSON',
    of: asJson((door) =>
      door.json(',"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}'),
    ),
    statuses: taken,
  },
  {
    title: 'a prototype in a form',
    of: asPairs('&__proto__[polluted]=yes&constructor[prototype][polluted]=yes&__proto__=yes'),
    statuses: taken,
  },
  {
    title: 'numbers beyond any column',
    of: asJson((door) => door.json(`,"x":1e400,"y":-1e400,"z":${'9'.repeat(1_000)},"w":9007199254740993`)),
    statuses: taken,
  },
  {
    title: '10,000 properties',
    of: asJson((door) =>
      door.json(
        Array.from({ length: 10_000 }, (_, index) => `,"p${String(index)}":${String(index)}`).join(''),
      ),
    ),
    statuses: taken,
  },
  {
    title: '10,000 fields of a form',
    of: asPairs(Array.from({ length: 10_000 }, (_, index) => `&p${String(index)}=1`).join('')),
    statuses: refused,
  },
  {
    title: 'a text of 900,000 characters',
    of: asJson((door) => door.json(`,"x":"${'é'.repeat(450_000)}"`)),
    statuses: [400, 202, 200, 200],
  },
  {
    title: 'line breaks for a header',
    of: asJson((door) => door.json(',"x":"a\\r\\nx-injected: 1\\r\\n\\r\\nbody"')),
    statuses: taken,
  },
  {
    title: 'JSON of another kind',
    of: asJson(() => '"text"'),
    statuses: refused,
  },
  { title: 'a list of lists', of: asJson(() => '[[],[[]],[null]]'), statuses: refused },
  {
    title: 'a million of empty lines',
    of: asJson(() => '\n'.repeat(1_000_000)),
    statuses: refusedWithoutKey,
  },
]

/** What a sender may claim of its address. */
export function spoofedHeaders(ip: string): Readonly<Record<string, string>> {
  return {
    'x-forwarded-for': ip,
    forwarded: `for=${ip}`,
    'x-real-ip': ip,
    'x-plausible-ip': ip,
    'cf-connecting-ip': ip,
    'true-client-ip': ip,
    'x-plausible-ip-type': 'dc_ip',
  }
}
