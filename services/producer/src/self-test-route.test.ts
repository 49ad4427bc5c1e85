import { expect, test } from 'vitest'
import { selfTestRoutes } from './self-test-route.ts'

const request = (headers: Record<string, string>) => ({
  method: 'GET',
  query: '',
  body: Buffer.alloc(0),
  peer: '127.0.0.1',
  headers,
})
const explained = {
  peer: { text: '127.0.0.1', address: '127.0.0.1', isTrusted: true },
  headers: [],
  client: '8.8.8.8',
  ipType: undefined,
  place: { country: 'US', city: 'Mountain View', date: '2026-06-05' },
}

test('does not exist without a token', () => {
  expect(selfTestRoutes(undefined, () => Promise.resolve(explained))).toEqual([])
})

test.each([
  ['none', {}],
  ['an empty one', { authorization: '' }],
  ['another', { authorization: 'Bearer other-token-of-16' }],
  ['a longer one', { authorization: 'Bearer the-token-of-16-chars-and-more' }],
  ['its beginning', { authorization: 'Bearer the-token' }],
  ['another scheme', { authorization: 'Basic the-token-of-16-chars' }],
  ['one in another header', { 'x-token': 'the-token-of-16-chars' }],
])('with the token %s it says nothing, and looks nothing up', async (_, headers) => {
  const [route] = selfTestRoutes('the-token-of-16-chars', () => {
    throw new Error('was asked')
  })
  const answer = await route!.answer(request(headers))
  expect(answer.status).toBe(401)
  expect(answer.body).not.toContain('127.0.0.1')
})

test('with the token it explains the request it got', async () => {
  const [route] = selfTestRoutes('the-token-of-16-chars', ({ peer }) =>
    Promise.resolve({ ...explained, client: `asked for ${peer}` }),
  )
  const answer = await route!.answer(request({ authorization: 'Bearer the-token-of-16-chars' }))
  expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
  expect(JSON.parse(answer.body)).toMatchObject({ client: 'asked for 127.0.0.1' })
})

test('answers one at a time, also after one has failed', async () => {
  let settle: ((error?: Error) => void) | undefined
  const [route] = selfTestRoutes(
    'the-token-of-16-chars',
    () =>
      new Promise((resolve, reject) => {
        settle = (error) => {
          if (error === undefined) resolve(explained)
          else reject(error)
        }
      }),
  )
  const ask = () => route!.answer(request({ authorization: 'Bearer the-token-of-16-chars' }))
  const first = ask()
  expect((await ask()).status).toBe(429)
  settle?.(new Error('no'))
  await expect(first).rejects.toThrow('no')
  const second = ask()
  settle?.()
  expect((await second).status).toBe(200)
})
