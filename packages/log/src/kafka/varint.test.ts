import fc from 'fast-check'
import { expect, it } from 'vitest'
import { VarintReader, varintSize, writeVarint } from './varint.ts'

it.each([
  [0, [0]],
  [-1, [1]],
  [1, [2]],
  [63, [126]],
  [64, [0x80, 1]],
  [-65, [0x81, 1]],
])('writes %d as Kafka does', (value, bytes) => {
  const target = Buffer.alloc(bytes.length)
  expect(writeVarint(target, 0, value)).toBe(bytes.length)
  expect([...target]).toEqual(bytes)
})

it('reads what it wrote, in the size it said', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 20 }), (values) => {
      const target = Buffer.alloc(values.reduce((sum, value) => sum + varintSize(value), 0))
      let at = 0
      for (const value of values) at = writeVarint(target, at, value)
      expect(at).toBe(target.length)
      const reader = new VarintReader(target)
      expect(values.map(() => reader.next())).toEqual(values)
    }),
  )
})

it('refuses a value that ends too soon', () => {
  expect(() => new VarintReader(Buffer.from([0x80])).next()).toThrow(RangeError)
})
