import { describe, expect, it } from 'vitest'
import { goalFor, storesRevenue } from './goal.ts'
import { acceptAllSites, parseSites } from './site-directory.ts'
import { aSite } from './testing.ts'

const site = aSite({ goals: [{ eventName: 'Purchase', currency: 'USD' }, { eventName: 'Signup' }] })

describe('goals', () => {
  it('are found by the exact name of the event', () => {
    expect(goalFor(site, 'Purchase')).toEqual({ eventName: 'Purchase', currency: 'USD' })
    expect(goalFor(site, 'purchase')).toBeUndefined()
  })

  it.each([
    ['Purchase', true],
    ['Signup', false],
    ['pageview', false],
    ['constructor', false],
  ])('revenue of %s is stored: %s', (name, expected) => {
    expect(storesRevenue(site, name)).toBe(expected)
  })

  it('are not asked for where no file describes the site', () => {
    expect(storesRevenue(acceptAllSites().find('any.example')!, 'Purchase')).toBe(true)
    const open = parseSites('{"acceptUnknownSites":true,"sites":[{"domain":"a"}]}')
    expect(storesRevenue(open.find('any.example')!, 'Purchase')).toBe(true)
    expect(storesRevenue(open.find('a')!, 'Purchase')).toBe(false)
  })
})
