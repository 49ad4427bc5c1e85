import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import type { RunningSdk } from './test-kameleoon-sdk.ts'

export const visitor = '0hs04jom186mwcrd'
/** The id that the visitor is known by after logging in. */
export const account = 'account-7'
/** As an application server might pass it on: nothing in it is escaped by the SDK. */
export const visitorsUserAgent =
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0; A+B) Gecko/20100101 Firefox/140.0 key=value'

const sentMsMax = 20_000

/**
 * A visit as an application makes it: an exposure, a page with its data and place, a conversion; then the visitor logs in, and
 * under the new id the conversion is taken back.
 */
export async function visitWithSdk(running: RunningSdk): Promise<void> {
  const { sdk, client } = running
  await client.initialize()
  client.getVariation({ visitorCode: visitor, featureKey: 'checkout' })
  client.addData(
    visitor,
    new sdk.UserAgent(visitorsUserAgent),
    new sdk.PageView({
      urlAddress: 'https://example.com/tea?a=1&b=é',
      title: 'Thé #1 & co',
      referrers: [0, 2],
    }),
    new sdk.CustomData(0, 'premium', 'b2b'),
    new sdk.GeolocationData({
      country: 'France',
      region: 'Île-de-France',
      city: 'Paris',
      postalCode: '75008',
      coordinates: [48.8738, 2.295],
    }),
  )
  await sending(
    running,
    () => client.trackConversion({ visitorCode: visitor, ...purchase(running) }),
    visitor,
  )
  await sending(running, () => client.addData(visitor, new sdk.CustomData(1, account)), visitor)
  await sending(
    running,
    () => client.trackConversion({ visitorCode: account, ...purchase(running), negative: true }),
    account,
  )
}

function purchase({ sdk }: RunningSdk): Readonly<Record<string, unknown>> {
  return { goalId: 4242, revenue: 19.9, metadata: [new sdk.CustomData(0, 'order-1')] }
}

/** Does it, has it sent, and waits until the SDK was told that it arrived, which takes a repeat where the answer is lost. */
async function sending(
  { client, exchanges }: RunningSdk,
  action: () => void,
  visitorCode: string,
): Promise<void> {
  const before = exchanges.length
  action()
  client.flush({ visitorCode, instant: true })
  await eventually('the SDK has sent it', sentMsMax, () => {
    const isTold = exchanges
      .slice(before)
      .some(({ body, toldStatus }) => toldStatus < 300 && body.includes(visitorCode))
    if (!isTold) throw new Error(`${exchanges.length - before} requests`)
  })
  // The SDK marks what it sent after the answer, and would send it again with what comes before.
  await sleep(0)
}
