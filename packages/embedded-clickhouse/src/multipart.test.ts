import { describe, expect, it } from 'vitest'
import { multipartBoundary, multipartFields } from './multipart.ts'

describe('multipart', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data; charset=utf-8; boundary="a b"', 'a b'],
    ['text/plain', undefined],
    [undefined, undefined],
  ])('finds the boundary of %j', (type, boundary) => {
    expect(multipartBoundary(type)).toBe(boundary)
  })

  it('reads fields with line ends and text beyond ASCII', () => {
    const body =
      '--b\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT\r\n1\r\n' +
      '--b\r\nContent-Disposition: form-data; name="param_x"\r\n\r\né\r\n--b--\r\n'
    expect([...multipartFields(Buffer.from(body), 'b')]).toEqual([
      ['query', 'SELECT\r\n1'],
      ['param_x', 'é'],
    ])
  })

  it.each(['', '--b\r\nx\r\n--b--', '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'])(
    'refuses a broken body: %j',
    (body) => {
      expect(() => multipartFields(Buffer.from(body), 'b')).toThrow('Code: 36.')
    },
  )
})
