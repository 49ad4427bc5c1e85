import { describe, expect, it } from 'vitest'
import { ByteWriter } from './byte-writer.ts'
import { NativeBlock } from './native-block.ts'
import type { Column } from './table.ts'

type Value = Record<string, unknown>
const bytesMax = 1 << 24

const encode = (column: Column<never>, values: readonly unknown[]): Buffer => {
  const writer = new ByteWriter(bytesMax)
  const table = { name: 't', columns: [column as unknown as Column<unknown>] }
  const block = new NativeBlock(table)
  // In two parts, as rows come some at a time.
  for (const rows of [values.slice(0, 1), values.slice(1)]) block.append(rows)
  block.writeTo(writer)
  return writer.written()
}
const same = (value: Value): never => value as never
/** The bytes behind counts, name and type. */
const dataOf = (column: Column<never>, values: readonly unknown[]): string => {
  const head = 2 + 1 + column.name.length + 1 + column.type.length
  return encode(column, values).subarray(head).toString('hex')
}

describe('a block', () => {
  it('begins with column count, row count, name and type', () => {
    const bytes = encode({ name: 'n', type: 'UInt8', read: same }, [1, 2])
    expect(bytes).toEqual(Buffer.from('\x01\x02\x01n\x05UInt8\x01\x02', 'latin1'))
  })

  it('takes counts above 127', () => {
    const bytes = encode({ name: 'n', type: 'UInt8', read: same }, new Array<number>(300).fill(0))
    expect([...bytes.subarray(0, 3)]).toEqual([1, 0xac, 0x02])
  })

  it('refuses to grow above its limit', () => {
    const table = { name: 't', columns: [{ name: 's', type: 'String', read: (row: string) => row }] as const }
    const rows = ['x'.repeat(1 << 20), 'x']
    expect(() => new NativeBlock<string>(table, 1 << 20).append(rows)).toThrow(
      expect.objectContaining({ code: 'BATCH_TOO_LARGE' }),
    )
  })
})

describe('values', () => {
  it.each<[string, Column<never>, unknown, string]>([
    ['UInt16', { name: 'n', type: 'UInt16', read: same }, 0xfffe, 'feff'],
    ['UInt32', { name: 'n', type: 'UInt32', read: same }, 0xfffffffe, 'feffffff'],
    ['Int32', { name: 'n', type: 'Int32', read: same }, -2, 'feffffff'],
    ['Int64', { name: 'n', type: 'Int64', read: same }, -2, 'feffffffffffffff'],
    ['Int64', { name: 'n', type: 'Int64', read: same }, -4294967296, '00000000ffffffff'],
    ['Bool', { name: 'n', type: 'Bool', read: same }, true, '01'],
    ['DateTime', { name: 'n', type: "DateTime('UTC')", read: same }, 1, '01000000'],
    ['UInt64', { name: 'n', type: 'UInt64', from: 'number', read: same }, 2 ** 53 - 1, 'ffffffffffff1f00'],
    [
      'UInt64 hex',
      { name: 'n', type: 'UInt64', from: 'hex', read: same },
      '0123456789abCDEF',
      'efcdab8967452301',
    ],
    ['String', { name: 'n', type: 'String', read: same }, 'aé', '0361c3a9'],
    ['String bytes', { name: 'n', type: 'String', read: same }, Buffer.from([0xff, 0]), '02ff00'],
    ['a lone surrogate', { name: 'n', type: 'String', read: same }, 'a\ud800', '0461efbfbd'],
  ])('writes %s', (_case, column, value, hex) => {
    expect(dataOf(column, [value])).toBe(hex)
  })

  it.each([
    ['', 0n],
    ['0', 0n],
    ['19.99', 199900n],
    ['-19.99', -199900n],
    ['.5', 5000n],
    ['7.', 70000n],
    ['-0.0001', -1n],
    ['-429496.7296', -4294967296n],
    ['99999999999999.9999', 999999999999999999n],
    ['-99999999999999.9999', -999999999999999999n],
    ['0000000000000000000001.2', 12000n],
    ['90071992547409.9301', 900719925474099301n],
  ])('writes the decimal "%s" exactly', (text, scaled) => {
    const bytes = Buffer.from(dataOf({ name: 'n', type: 'Decimal(18, 4)', read: same }, [text]), 'hex')
    expect(bytes.readBigInt64LE()).toBe(scaled)
  })

  it('writes a UInt64 from its halves', () => {
    const column: Column<never> = {
      name: 'n',
      type: 'UInt64',
      from: 'halves',
      read: (row: [number, number]) => row[0],
      readLower: (row: [number, number]) => row[1],
    }
    expect(dataOf(column, [[0x80000001, 0xfffffffe]])).toBe('feffffff01000080')
  })

  it('writes each string of a dictionary once', () => {
    const data = dataOf({ name: 'n', type: 'LowCardinality(String)', read: same }, ['a', 'b', 'b', 'a'])
    const version = '0100000000000000'
    const flags = '0006000000000000'
    expect(data).toBe(
      [version, flags, '0200000000000000', '01610162', '0400000000000000', '00010100'].join(''),
    )
  })

  it('writes nothing behind the ends of maps that are all empty', () => {
    const column: Column<never> = { name: 'n', type: 'Map(LowCardinality(String), String)', read: same }
    expect(dataOf(column, [[], []])).toBe(`0100000000000000${'00'.repeat(16)}`)
  })
})

describe('a value that its column cannot hold', () => {
  it.each<[string, Column<never>, unknown]>([
    ['NaN', { name: 'c', type: 'UInt32', read: same }, Number.NaN],
    ['a fraction', { name: 'c', type: 'UInt32', read: same }, 1.5],
    ['a negative', { name: 'c', type: 'UInt8', read: same }, -1],
    ['256 in a byte', { name: 'c', type: 'UInt8', read: same }, 256],
    ['65536 in 16 bits', { name: 'c', type: 'UInt16', read: same }, 65536],
    ['2^32 in 32 bits', { name: 'c', type: 'UInt32', read: same }, 2 ** 32],
    ['a time before 1970', { name: 'c', type: "DateTime('UTC')", read: same }, -1],
    ['2^31 in signed 32 bits', { name: 'c', type: 'Int32', read: same }, 2 ** 31],
    ['an unsafe integer', { name: 'c', type: 'UInt64', from: 'number', read: same }, 2 ** 53],
    ['15 hex digits', { name: 'c', type: 'UInt64', from: 'hex', read: same }, '0123456789abcde'],
    ['no hex', { name: 'c', type: 'UInt64', from: 'hex', read: same }, '0123456789abcdeg'],
    ['a sign in hex', { name: 'c', type: 'UInt64', from: 'hex', read: same }, '-123456789abcdef'],
    ['undefined for text', { name: 'c', type: 'String', read: same }, undefined],
    ['a number for text', { name: 'c', type: 'LowCardinality(String)', read: same }, 7],
    ['a number for a flag', { name: 'c', type: 'Bool', read: same }, 1],
    ['5 digits after the point', { name: 'c', type: 'Decimal(18, 4)', read: same }, '0.00001'],
    ['15 digits before the point', { name: 'c', type: 'Decimal(18, 4)', read: same }, '100000000000000'],
    ['an exponent', { name: 'c', type: 'Decimal(18, 4)', read: same }, '1e3'],
    ['a bare sign', { name: 'c', type: 'Decimal(18, 4)', read: same }, '-'],
    ['an object for a map', { name: 'c', type: 'Map(LowCardinality(String), String)', read: same }, {}],
    ['a number in a map', { name: 'c', type: 'Map(LowCardinality(String), String)', read: same }, [['k', 1]]],
  ])('is refused with its place: %s', (_case, column, value) => {
    const good = {
      UInt64: column.type === 'UInt64' && column.from === 'hex' ? '0123456789abcdef' : 1,
      String: 's',
      'LowCardinality(String)': 's',
      Bool: true,
      'Decimal(18, 4)': '1',
      'Map(LowCardinality(String), String)': [],
    } as Record<string, unknown>
    expect(() => encode(column, [good[column.type] ?? 1, value])).toThrow(
      expect.objectContaining({ code: 'DATA_REFUSED', retriable: false, place: { row: 1, column: 'c' } }),
    )
  })
})
