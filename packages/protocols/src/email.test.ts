import { describe, expect, it } from 'vitest'
import { concealEmails, emailHash } from './email.ts'

const jane = emailHash('jane@example.com')
const bob = emailHash('bob@b.example')

describe('concealEmails', () => {
  it.each([
    ['an email', 'jane@example.com', jane],
    ['one in capitals, with blanks around', ' Jane@Example.com ', jane],
    ['one without a dot', 'jane@localhost', emailHash('jane@localhost')],
    ['one in a text', 'from Jane <jane@example.com>.', `from Jane <${jane}>.`],
    ['several', 'jane@example.com,bob@b.example', `${jane},${bob}`],
    ['one in a query', '/a?to=jane%40example.com&x', `/a?to=${jane}&x`],
    ['one behind mailto', 'mailto:jane@example.com', `mailto:${jane}`],
    [
      'one whose name is cut to its limit',
      `${'x'.repeat(70)}@a.example b`,
      `xxxxxx${emailHash(`${'x'.repeat(64)}@a.example`)} b`,
    ],
  ])('hashes %s', (_, text, expected) => {
    expect(concealEmails(text)).toBe(expected)
  })

  it.each(['', 'text', 'https://a.example/@b', 'a @ b', '100%40', '@example.com, x', 'a@b c'])(
    'keeps %j',
    (text) => {
      expect(concealEmails(text)).toBe(text)
    },
  )

  it('stops where more is read than is kept of any text', () => {
    const concealed = concealEmails('jane@example.com '.repeat(200))
    expect(concealed.length).toBeLessThan(4_100)
    expect(concealed.replaceAll(`${jane} `, '')).toBe(jane)
    expect(concealEmails('x'.repeat(5_000))).toHaveLength(4_000)
  })
})
