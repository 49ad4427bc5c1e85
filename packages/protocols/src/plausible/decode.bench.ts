import { bench, describe } from 'vitest'
import { aWireRequest } from '../testing.ts'
import { decodePlausible } from './decode.ts'

const request = aWireRequest({
  n: 'pageview',
  v: 36,
  u: 'https://shop.example.com/products/blue-shoes?utm_source=news&utm_medium=email',
  d: 'shop.example.com',
  r: 'https://www.google.com/',
  p: { plan: 'pro', n: 3, logged_in: true },
})

describe("the tracker's usual body", () => {
  bench('JSON.parse alone', () => {
    JSON.parse(request.body.toString())
  })
  bench('decodePlausible', () => {
    decodePlausible(request)
  })
})
