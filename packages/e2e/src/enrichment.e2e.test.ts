import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectStoredOnce } from './books.ts'
import { agents, chrome, hints } from './browser-headers.ts'
import { Cleanup } from './cleanup.ts'
import {
  buildDate,
  dropping,
  EnrichedPipeline,
  firstVersion,
  marking,
  neededReferences,
  reference,
  referencePath,
  selfTestToken,
  type Headers,
  type Visit,
} from './enriched-pipeline.ts'
import { eventually } from './eventually.ts'
import { runMillrace } from './millrace-command.ts'

const storedMsMax = 20_000
/** Two looks at the files, two seconds apart, and what a busy machine adds. */
const reloadMsMax = 20_000
const testMsMax = 50_000
const needs = neededReferences()

describe.skipIf(needs !== '')(`what the pipeline adds to an event${needs}`, { timeout: testMsMax }, () => {
  let enriched: EnrichedPipeline
  const cleanup = new Cleanup()
  beforeAll(async () => {
    enriched = await EnrichedPipeline.start(cleanup)
  })
  afterAll(() => cleanup.run())

  const placeColumns = 'country, subdivision1, subdivision2, city_geoname_id, city, asn'
  const from = (address: string, others: Headers = {}): Headers => ({ 'x-forwarded-for': address, ...others })

  it('is the place and network of the client, however its address is written', async () => {
    await enriched.send([
      { page: '/milton', headers: from('216.160.83.57') },
      { page: '/linkoping', headers: from('89.160.20.113:4711') },
      { page: '/boxford', headers: from('2.125.160.217') },
      { page: '/changchun', headers: from('175.16.199.1') },
      { page: '/mapped', headers: from('::ffff:81.2.69.142') },
      { page: '/mapped-port', headers: from('[::ffff:2.125.160.220]:443') },
      { page: '/ipv6', headers: from('2001:218::1') },
      { page: '/ipv6-long', headers: from('[2A02:D0C0:0000::0007]:65535') },
      { page: '/nowhere', headers: from('214.78.0.9') },
      { page: '/private', headers: from('192.168.7.7') },
    ])
    await enriched.expectStored(placeColumns, [
      '/milton|US|US-WA||5803556|Milton|209',
      '/linkoping|SE|SE-E||2694762|Linköping|29518',
      '/boxford|GB|GB-ENG|GB-WBK|2655045|Boxford|0',
      '/changchun|CN|CN-22||2038180|Changchun|0',
      '/mapped|GB|GB-ENG||2643743|London|0',
      '/mapped-port|GB|GB-ENG|GB-WBK|2655045|Boxford|0',
      '/ipv6|JP|||0||0',
      '/ipv6-long|RU|||0||0',
      '/nowhere||||0||721',
      '/private||||0||0',
    ])
  })

  it('follows a forwarded chain from the right, past proxies that are trusted', async () => {
    await enriched.send([
      { page: '/chain', headers: from('6.6.6.6, 216.160.83.58, 10.0.0.7') },
      { page: '/all-trusted', headers: from('10.1.1.1, 192.168.1.1') },
      { page: '/no-address', headers: from('216.160.83.59, unknown') },
      { page: '/cloudflare', headers: from('216.160.83.60', { 'cf-connecting-ip': '2.125.160.218' }) },
      {
        page: '/rfc-7239',
        headers: from('unknown', {
          forwarded: 'for=6.6.6.6, for="[2a02:d0c0::1]:99";proto=https, for=10.1.2.3',
        }),
      },
    ])
    await enriched.expectStored('country, city', [
      '/chain|US|Milton',
      '/all-trusted||',
      '/no-address||',
      '/cloudflare|GB|Boxford',
      '/rfc-7239|RU|',
    ])
  })

  it('is the classes of the address, by database, list and trusted proxy', async () => {
    const vpn = { 'x-plausible-ip-type': 'anonymous_vpn_ip' }
    await enriched.send([
      { page: '/vpn', headers: from('1.2.0.1') },
      { page: '/tor', headers: from('65.0.0.1') },
      { page: '/vpn-tor', headers: from('1.124.213.1') },
      { page: '/hosting', headers: from('71.160.223.1') },
      { page: '/proxy', headers: from('186.30.236.1') },
      { page: '/everything', headers: from('81.2.69.143') },
      { page: '/listed', headers: from('89.160.20.241') },
      { page: '/listed-system', headers: from('67.43.156.2') },
      { page: '/listed-relay', headers: from('2001:218:1::5') },
      { page: '/said-vpn', headers: from('216.160.83.61', vpn) },
      { page: '/plain', headers: from('89.160.20.114') },
    ])
    await enriched.expectEvents('country, ip_class', [
      '/vpn||vpn',
      '/tor||tor',
      '/vpn-tor||vpn,tor',
      '/hosting||datacenter',
      '/proxy||proxy',
      '/everything|GB|datacenter,vpn,tor,proxy',
      '/listed|SE|threat',
      '/listed-system|BT|datacenter,threat',
      '/listed-relay|JP|relay',
      '/said-vpn|A1|vpn',
      '/plain|SE|',
    ])
    const datacenter = from('216.160.83.62', { 'x-plausible-ip-type': 'dc_ip' })
    const threat = from('216.160.83.63', { 'x-plausible-ip-type': 'threat_ip' })
    expect(
      await enriched.send([
        { page: '/said-datacenter', headers: datacenter },
        { page: '/said-threat', headers: threat },
      ]),
    ).toEqual(['/said-datacenter', '/said-threat'])
    await enriched.expectDropped([`/said-datacenter|${marking}|dc_ip`, `/said-threat|${marking}|threat_ip`])
  })

  it('is browser, system and device in the documented names, with client hints', async () => {
    const windows = { 'user-agent': agents.windows }
    const android = { 'user-agent': agents.android }
    await enriched.send([
      { page: '/no-hints', headers: windows },
      { page: '/windows-11', headers: { ...windows, ...hints(chrome, 'Windows', '15.0.0') } },
      {
        page: '/edge',
        headers: { ...windows, ...hints('"Microsoft Edge";v="140.0.3485.54"', 'Windows', '10.0.0') },
      },
      { page: '/model', headers: { ...android, ...hints(chrome, 'Android', '14.0.0', 'SM-X910') } },
      { page: '/bravia', headers: { ...android, ...hints(chrome, 'Android', '12.0.0', 'BRAVIA 4K VH2') } },
      { page: '/tizen', headers: { 'user-agent': agents.television } },
      { page: '/iphone', headers: { 'user-agent': agents.iphone } },
      { page: '/instagram', headers: { 'user-agent': agents.instagram } },
    ])
    await enriched.expectStored('browser, browser_version, os, os_version, device', [
      '/no-hints|Chrome|140.0|Windows|10|Desktop',
      '/windows-11|Chrome|140.0|Windows|11|Desktop',
      '/edge|Microsoft Edge|140.0|Windows|10|Desktop',
      '/model|Chrome|140.0|Android|14.0|Tablet',
      '/bravia|Chrome|140.0|Android|12.0|Desktop',
      '/tizen|Samsung Browser|4.0|Tizen|6.0|Desktop',
      '/iphone|Safari|18.6|iOS|18.6|Mobile',
      '/instagram|Mobile App||iOS|18.6|Mobile',
    ])
  })

  it('is a bot, dropped and counted or marked, as the site says', async () => {
    const bots: Visit[] = [
      { page: '/crawler', headers: { 'user-agent': agents.google } },
      { page: '/library', headers: { 'user-agent': agents.curl } },
      // A browser by its user agent; only the hints say that it has no window.
      {
        page: '/headless',
        headers: {
          'user-agent': agents.windows,
          ...hints('"HeadlessChrome";v="140.0.7339.80"', 'Windows', '10.0.0'),
        },
      },
    ]
    const others: Visit[] = [{ page: '/no-agent', headers: { 'user-agent': '' } }, { page: '/person' }]
    const verification = { page: '/verification', headers: { 'user-agent': agents.verification } }
    const at = (site: string, visits: readonly Visit[]) => visits.map((visit) => ({ ...visit, site }))
    expect(await enriched.send(at(marking, [...bots, ...others, verification]))).toEqual(['/verification'])
    expect(await enriched.send(at(dropping, [...bots, ...others, verification]))).toEqual([
      '/crawler',
      '/library',
      '/headless',
      '/verification',
    ])

    const pages = [...bots, ...others, verification].map(({ page }) => page)
    await enriched.expectRows(
      'SELECT pathname, site, is_bot, bot_reason FROM events WHERE pathname IN (PAGES)',
      pages,
      [
        `/crawler|${marking}|1|crawler:Googlebot`,
        `/library|${marking}|1|library:curl`,
        `/headless|${marking}|1|headless`,
        `/no-agent|${marking}|1|empty_user_agent`,
        `/person|${marking}|0|`,
        `/no-agent|${dropping}|1|empty_user_agent`,
        `/person|${dropping}|0|`,
      ],
    )
    await enriched.expectRows(
      'SELECT pathname, site, reason FROM dropped_events WHERE pathname IN (PAGES)',
      pages,
      [
        `/crawler|${dropping}|bot`,
        `/library|${dropping}|bot`,
        `/headless|${dropping}|bot`,
        `/verification|${marking}|verification_agent`,
        `/verification|${dropping}|verification_agent`,
      ],
    )
    const people = [`/person|${marking}`, `/person|${dropping}`]
    const notBots = 'IN (PAGES) AND NOT is_bot'
    await enriched.expectRows(`SELECT pathname, site FROM events WHERE pathname ${notBots}`, pages, people)
    await enriched.expectRows(
      `SELECT entry_page, site FROM sessions WHERE entry_page ${notBots}`,
      pages,
      people,
    )
    const marked = ['/crawler', '/library', '/headless', '/no-agent'].map((page) => `${page}|${marking}`)
    await enriched.expectRows(
      `SELECT entry_page, site FROM sessions WHERE entry_page IN (PAGES) AND is_bot`,
      pages,
      [...marked, `/no-agent|${dropping}`],
    )
  })

  it('is where the visitor came from, and by which channel', async () => {
    const google = 'https://www.google.com/search'
    await enriched.send([
      { page: '/direct' },
      { page: '/search', referrer: google },
      { page: '/social', referrer: 'https://l.facebook.com/l.php?u=x' },
      { page: '/assistant', referrer: 'https://chatgpt.com/' },
      { page: '/paid', referrer: google, query: '?gclid=Cj0K' },
      { page: '/webmail', referrer: 'https://mail.google.com/mail/u/0/' },
      {
        page: '/campaign',
        referrer: google,
        query:
          '?utm_source=newsletter&utm_medium=email&utm_campaign=Spring+Sale&utm_content=top&utm_term=tea',
      },
      { page: '/paid-social', query: '?utm_source=fb&utm_medium=paid_social&fbclid=x' },
      { page: '/elsewhere', referrer: 'https://www.some-blog.example/2026/11/' },
      { page: '/itself', referrer: `https://${marking}/before` },
    ])
    await enriched.expectStored(
      'source, channel, referrer, utm_source, utm_medium, utm_campaign, utm_content, utm_term, click_id_param',
      [
        '/direct||Direct|||||||',
        '/search|Google|Organic Search|google.com/search||||||',
        '/social|Facebook|Organic Social|l.facebook.com/l.php||||||',
        '/assistant|ChatGPT|AI Assistants|chatgpt.com||||||',
        '/paid|Google|Paid Search|google.com/search||(gclid)||||gclid',
        '/webmail|Gmail|Email|mail.google.com/mail/u/0||||||',
        '/campaign|newsletter|Email|google.com/search|newsletter|email|Spring Sale|top|tea|',
        '/paid-social|Facebook|Paid Social||fb|paid_social||||fbclid',
        '/elsewhere|some-blog.example|Referral|some-blog.example/2026/11||||||',
        '/itself||Direct|||||||',
      ],
    )
  })

  it('is nothing where spam or a shield drops it, with the reason', async () => {
    const shielded = (visit: Visit): Visit => ({ site: dropping, ...visit })
    const dropped = await enriched.send([
      { page: '/spam', referrer: 'http://www.100dollars-seo.com/offer' },
      shielded({ page: '/by-address', headers: from('[::ffff:175.16.199.99]:80') }),
      shielded({ page: '/admin/users' }),
      shielded({ page: '/by-hostname', hostname: 'copy.example' }),
      { page: '/by-site', site: 'unknown.example' },
    ])
    expect(dropped).toEqual(['/spam', '/by-address', '/admin/users', '/by-hostname', '/by-site'])
    const later = await enriched.send([
      shielded({ page: '/by-country', headers: from('67.43.156.3') }),
      shielded({
        page: '/by-vpn',
        headers: from('216.160.83.60', { 'x-plausible-ip-type': 'anonymous_vpn_ip' }),
      }),
      // Beside each shield: another address of its network, page, host name and country.
      shielded({ page: '/admin', hostname: `shop.${dropping}`, headers: from('175.16.199.98') }),
    ])
    // The country is known when the sender has been answered.
    expect(later).toEqual([])
    await enriched.expectDropped([
      `/spam|${marking}|spam_referrer`,
      `/by-address|${dropping}|site_ip_blocklist`,
      `/admin/users|${dropping}|site_page_blocklist`,
      `/by-hostname|${dropping}|site_hostname_allowlist`,
      '/by-site|unknown.example|not_found',
      `/by-country|${dropping}|site_country_blocklist`,
      `/by-vpn|${dropping}|site_country_blocklist`,
    ])
    await enriched.expectStored('site, country', [`/admin|${dropping}|CN`])
  })

  it('is what the self-test and the doctor say of the same request', async () => {
    const chain = '6.6.6.6, "[::ffff:216.160.83.57]:4711", 10.0.0.7'
    const ask = (headers: Headers) => fetch(`${enriched.pipeline.url}/api/self-test`, { headers })
    for (const wrong of [{}, { authorization: 'Bearer another-token-of-the-kind' }]) {
      const refused = await ask({ 'x-forwarded-for': chain, ...wrong })
      expect(refused.status).toBe(401)
      expect(await refused.text()).not.toMatch(/216\.160|127\.0/)
    }
    const answer = await ask({ 'x-forwarded-for': chain, authorization: `Bearer ${selfTestToken}` })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({
      peer: { text: expect.stringContaining('127.0.0.1') as string, address: '127.0.0.1', isTrusted: true },
      headers: [
        {
          name: 'x-forwarded-for',
          hops: [
            { text: '10.0.0.7', address: '10.0.0.7', isTrusted: true },
            { text: '"[::ffff:216.160.83.57]:4711"', address: '216.160.83.57', isTrusted: false },
            { text: '6.6.6.6', address: '6.6.6.6', isTrusted: false },
          ],
          isChosen: true,
        },
      ],
      client: '216.160.83.57',
      place: { country: 'US', city: 'Milton', date: buildDate },
    })

    const doctor = await runMillrace(
      ['doctor', 'client-ip', '--peer', '127.0.0.1', '--header', `X-Forwarded-For: ${chain}`],
      enriched.environment,
    )
    expect(doctor.output.trim().split('\n')).toEqual([
      'peer 127.0.0.1: trusted proxy',
      'x-forwarded-for (the client is taken from here), from the right:',
      '  "10.0.0.7": trusted proxy',
      `  ${JSON.stringify('"[::ffff:216.160.83.57]:4711"')}: not trusted <- the client`,
      '  "6.6.6.6": not trusted',
      'client 216.160.83.57',
      'place: US, US-WA, Milton (GeoNames 5803556)',
      expect.stringMatching(/^network: AS209\b/),
      'classes: none',
      `data: ${firstVersion}`,
    ])
    expect(doctor.code).toBe(0)
  })

  it('is of the old data while new data is refused, and of the new from then on', async () => {
    const addresses = ['2.2.3.9', '214.78.0.10', '89.160.20.242', '216.160.83.59']
    const pageOf = (time: string, index: number): string => `/${time}-${String(index)}`
    /** The version of Chrome tells visitors of an address apart: within a session the place stays. */
    const sendAs = (time: string, version: number) => {
      const agent = { 'user-agent': agents.windows.replace('Chrome/140', `Chrome/${String(version)}`) }
      return enriched.send(
        addresses.map((ip, index) => ({ page: pageOf(time, index), headers: from(ip, agent) })),
      )
    }
    const facts = 'country, city, ip_class'
    const factsAndVersion = `${facts}, extract(enrichment_version, '^(.*) rules=[0-9]+$')`
    const rows = (time: string, lines: readonly string[], end = ''): string[] =>
      lines.map((line, index) => `${pageOf(time, index)}|${line}${end}`)
    const old = ['GB|Boxford|', '||', 'SE|Linköping|threat', 'US|Milton|']
    await sendAs('before', 131)
    await enriched.expectEvents(factsAndVersion, rows('before', old, `|${firstVersion}`))

    await enriched.replace('city.mmdb', await readFile(referencePath(reference.brokenCity)))
    await enriched.replace('threats.txt', '<html>\nquota exceeded\n</html>\n')
    await eventually('both are refused', reloadMsMax, async () => {
      expect(await enriched.reloads('refused')).toBe(2)
    })
    for (const name of ['geo database', 'address list']) {
      expect(enriched.pipeline.process.output).toMatch(
        new RegExp(`new place or network data is refused, the old kept: ${name} .* cannot be used: `),
      )
    }
    await sendAs('meanwhile', 132)
    await enriched.expectEvents(factsAndVersion, rows('meanwhile', old, `|${firstVersion}`))

    await enriched.replace('city.mmdb', aMonthLater(await readFile(referencePath(reference.otherCity))))
    const today = await enriched.replace('threats.txt', '216.160.83.56/29\n')
    const newVersion = `city=2026-03-06 asn=${buildDate} anonymous=${buildDate} lists=${today}`
    await eventually('both are taken', reloadMsMax, () => {
      expect(enriched.pipeline.process.output).toContain(newVersion)
    })
    await sendAs('after', 133)
    const now = ['||', 'US|San Diego|', 'SE|Linköping|', 'US|Milton|threat']
    await enriched.expectEvents(factsAndVersion, rows('after', now, `|${newVersion}`))
    await sendAs('still', 131)
    const still = ['GB|Boxford|', '||', 'SE|Linköping|', 'US|Milton|threat']
    await enriched.expectEvents(facts, rows('still', still))
    expect(await enriched.reloads('taken')).toBeGreaterThan(0)
    expect(await enriched.reloads('refused')).toBe(2)
  })

  it('is there exactly once for every event, and the books balance', () =>
    expectStoredOnce(enriched.pipeline.clickHouseUrl, [], storedMsMax))
})

/** The same database, built 30 days later: the build time, big-endian, stands behind its name and two bytes of type. */
function aMonthLater(database: Buffer): Buffer {
  const name = 'build_epoch'
  const at = database.lastIndexOf(name) + name.length
  const size = (database[at] ?? 0) & 0x1f
  const later = Buffer.from(database)
  later.writeUIntBE(database.readUIntBE(at + 2, size) + 30 * 86_400, at + 2, size)
  return later
}
