import { describe, expect, it } from 'vitest'
import { acceptAllSites, parseSites } from './site-directory.ts'

const sites = parseSites(
  JSON.stringify({
    sites: [
      {
        domain: 'a.example',
        kameleoon: { siteCodes: ['code-a'] },
        octeth: { listIds: [94, 95] },
        successeve: { apiTokens: ['token-a'] },
      },
      { domain: 'b.example', kameleoon: { siteCodes: ['code-b'] }, successeve: { apiTokens: ['token-b'] } },
    ],
    octeth: { apiKeys: ['key'], sessionIds: ['session'] },
  }),
)

describe('the keys of a sites file', () => {
  it.each([
    ['a site code', sites.kameleoonSite('code-a'), 'a.example'],
    ["another site's code", sites.kameleoonSite('code-b'), 'b.example'],
    ['an unknown site code', sites.kameleoonSite('code-c'), undefined],
    ['a site code in another case', sites.kameleoonSite('CODE-A'), undefined],
    ['a list', sites.octethSite(95), 'a.example'],
    ['an unknown list', sites.octethSite(96), undefined],
    ['a token', sites.successeveSite('token-b'), 'b.example'],
    ['a part of a token', sites.successeveSite('token'), undefined],
    ['no token', sites.successeveSite(''), undefined],
    ['a name that every object has', sites.kameleoonSite('constructor'), undefined],
  ])('%s', (_case, site, domain) => {
    expect(site?.domain).toBe(domain)
  })

  it.each([
    ['the API key', { apiKey: 'key', sessionId: '' }, true],
    ['the session id', { apiKey: '', sessionId: 'session' }, true],
    ['one of both right', { apiKey: 'wrong', sessionId: 'session' }, true],
    ['the session id as API key', { apiKey: 'session', sessionId: '' }, false],
    ['a wrong key', { apiKey: 'keys', sessionId: '' }, false],
    ['nothing', { apiKey: '', sessionId: '' }, false],
  ])('admit %s: %j', (_case, caller, isAdmitted) => {
    expect(sites.admitsOcteth(caller)).toBe(isAdmitted)
  })

  it('never admit the empty key of a file without keys', () => {
    expect(parseSites('{}').admitsOcteth({ apiKey: '', sessionId: '' })).toBe(false)
  })
})

describe('without a sites file', () => {
  const every = acceptAllSites()

  it('every key has a site of its own, and a token does not show in its name', () => {
    expect(every.kameleoonSite('abcdefghij')?.domain).toBe('abcdefghij')
    expect(every.octethSite(94)?.domain).toBe('octeth-94')
    expect(every.successeveSite('t0ken')?.domain).toMatch(/^successeve-[0-9a-f]{12}$/)
    expect(every.admitsOcteth({ apiKey: 'any', sessionId: '' })).toBe(true)
  })

  it('no key is no caller', () => {
    expect(every.kameleoonSite('')).toBeUndefined()
    expect(every.successeveSite('')).toBeUndefined()
    expect(every.admitsOcteth({ apiKey: '', sessionId: '' })).toBe(false)
  })
})
