import { describe, expect, it } from 'vitest'
import { formFieldsMax } from './form-body.ts'
import { multipartBoundary, readMultipart } from './multipart-body.ts'

const read = (lines: readonly string[]) => readMultipart(Buffer.from(lines.join('\r\n')), 'b')
const field = (head: string, text = 'x') => ['--b', head, '', text]

describe('readMultipart', () => {
  it.each<[string, string[], [string, string][] | undefined]>([
    [
      'reads fields in order',
      [
        ...field('Content-Disposition: form-data; name="a"'),
        ...field('content-disposition: FORM-DATA; name=c', 'é'),
        '--b--',
      ],
      [
        ['a', 'x'],
        ['c', 'é'],
      ],
    ],
    [
      'keeps line breaks and the boundary inside a line',
      [...field('Content-Disposition: form-data; name="a"', 'x\r\ny --b z'), '--b--'],
      [['a', 'x\r\ny --b z']],
    ],
    [
      'reads an empty field',
      [...field('Content-Disposition: form-data; name="a"', ''), '--b--'],
      [['a', '']],
    ],
    [
      'reads an empty field whose delimiter follows at once',
      ['--b', 'Content-Disposition: form-data; name="a"', '', '--b--'],
      [['a', '']],
    ],
    [
      'skips a preamble and what follows the end',
      ['preamble', ...field('Content-Disposition: form-data; name="a"'), '--b--', 'after'],
      [['a', 'x']],
    ],
    ['skips a file', [...field('Content-Disposition: form-data; name="f"; filename="n"'), '--b--'], []],
    ['skips a part without a name', [...field('Content-Type: text/plain'), '--b--'], []],
    [
      'reads no name out of a file name',
      [...field('Content-Disposition: form-data; filename=" name=n"'), '--b--'],
      [],
    ],
    ['reads a body without parts', ['--b--'], []],
    [
      'allows blanks after a delimiter',
      ['--b \t', 'Content-Disposition: form-data; name="a"', '', 'x', '--b--'],
      [['a', 'x']],
    ],
    ['refuses a body without its end', field('Content-Disposition: form-data; name="a"'), undefined],
    [
      'refuses a part without an end of its head',
      ['--b', 'Content-Disposition: form-data; name="a"'],
      undefined,
    ],
    ['refuses an endless head', [...field(`X: ${'y'.repeat(9_000)}`), '--b--'], undefined],
    ['refuses a body without a delimiter', ['x'], undefined],
    ['refuses an empty body', [], undefined],
    [
      'refuses endless parts',
      [
        ...Array.from({ length: formFieldsMax + 1 }, () =>
          field('Content-Disposition: form-data; name="a"'),
        ).flat(),
        '--b--',
      ],
      undefined,
    ],
  ])('%s', (_, lines, expected) => {
    expect(read(lines)).toEqual(expected)
  })

  it('reads what Node itself writes', async () => {
    const form = new FormData()
    form.set('n', 'pageview')
    form.set('u', 'https://example.com/ü?a=b')
    form.set('f', new Blob(['file']), 'file.txt')
    const response = new Response(form)
    const boundary = multipartBoundary(response.headers.get('content-type') ?? '')
    const body = Buffer.from(await response.arrayBuffer())
    expect(readMultipart(body, boundary!)).toEqual([
      ['n', 'pageview'],
      ['u', 'https://example.com/ü?a=b'],
    ])
  })
})
