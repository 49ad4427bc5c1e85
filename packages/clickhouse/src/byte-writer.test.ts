import { expect, it } from 'vitest'
import { ByteWriter } from './byte-writer.ts'

const bytesAtStart = 1 << 20

const writes: readonly [string, (writer: ByteWriter) => void, string][] = [
  ['uint8', (writer) => writer.uint8(0xab), 'ab'],
  ['uint16', (writer) => writer.uint16(0xabcd), 'cdab'],
  ['uint32', (writer) => writer.uint32(0x89abcdef), 'efcdab89'],
  ['halves', (writer) => writer.halves(1, 0x89abcdef), 'efcdab8901000000'],
  ['int64', (writer) => writer.int64(-2), 'feffffffffffffff'],
  ['varUint', (writer) => writer.varUint(300), 'ac02'],
  ['string', (writer) => writer.string('ab'), '026162'],
  ['a string that is not ASCII', (writer) => writer.string('é'), '02c3a9'],
  ['a long string', (writer) => writer.string('a'.repeat(40)), '28' + '61'.repeat(40)],
  ['buffer', (writer) => writer.buffer(Buffer.from([1, 2])), '020102'],
  ['indexes', (writer) => writer.indexes(Uint32Array.of(1, 2, 3), 2, 2), '01000200'],
]

it.each(writes)('writes %s', (_name, write, hex) => {
  const writer = new ByteWriter(bytesAtStart)
  write(writer)
  expect(writer.written().toString('hex')).toBe(hex)
})

it.each(writes)('writes %s where the buffer has to grow, and keeps what was there', (_name, write, hex) => {
  for (let free = 0; free < hex.length / 2; free++) {
    const writer = new ByteWriter(bytesAtStart * 4)
    const before = Buffer.alloc(bytesAtStart - 3 - free, 0x5a)
    writer.buffer(before)
    const start = writer.length
    write(writer)
    expect(writer.written().subarray(start).toString('hex')).toBe(hex)
    expect(writer.written().subarray(3, start).equals(before)).toBe(true)
  }
})

it('begins anew after clear, in the memory it has', () => {
  const writer = new ByteWriter(bytesAtStart * 4)
  writer.buffer(Buffer.alloc(bytesAtStart * 2))
  const { capacity } = writer
  writer.clear()
  writer.uint8(7)
  expect([...writer.written()]).toEqual([7])
  expect(writer.capacity).toBe(capacity)
})
