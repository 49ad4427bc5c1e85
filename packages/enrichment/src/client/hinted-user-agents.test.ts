/** User agents with client hints, labelled by hand: how often the reader finds what both together say. */
import type { ClientHints } from '@millrace/events'
import { describe, expect, test } from 'vitest'
import { UserAgentReader } from './user-agent-reader.ts'

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const agents: Readonly<Record<string, string>> = {
  win: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
  mac: `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
  linux: `Mozilla/5.0 (X11; Linux x86_64) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
  cros: `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
  phone: `Mozilla/5.0 (Linux; Android 10; K) ${webKit} Chrome/140.0.0.0 Mobile Safari/537.36`,
  tablet: `Mozilla/5.0 (Linux; Android 10; K) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
  edge: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.3485.54`,
  opera: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/137.0.0.0 Safari/537.36 OPR/121.0.0.0`,
  samsung: `Mozilla/5.0 (Linux; Android 10; K) ${webKit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
  silk: `Mozilla/5.0 (Linux; Android 9; KFKAWI) ${webKit} Silk/98.1.148 like Chrome/98.0.4758.101 Safari/537.36`,
  webview: `Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UP1A; wv) ${webKit} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36`,
  firefox: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0',
  model: `Mozilla/5.0 (Linux; Android 13; SM-S918B) ${webKit} Chrome/140.0.0.0 Mobile Safari/537.36`,
  none: '',
}

/** What is stored | user agent | brands as name/version | platform | its version | mobile | model. */
const labelled = `
# Windows counts versions of an interface
Chrome|140.0|Windows|11|Desktop|win|Google Chrome/140.0.7339.81|Windows|19.0.0|?0
Chrome|140.0|Windows|11|Desktop|win|Google Chrome/140.0.7339.81|Windows|13.0.0|?0
Chrome|140.0|Windows|10|Desktop|win|Google Chrome/140.0.7339.81|Windows|12.0.0|?0
Chrome|140.0|Windows|10|Desktop|win|Google Chrome/140.0.7339.81|Windows|10.0.0|?0
Chrome|140.0|Windows|10|Desktop|win|Google Chrome/140.0.7339.81|Windows|1.0.0|?0
Chrome|140.0|Windows|8.1|Desktop|win|Google Chrome/140.0.7339.81|Windows|0.3.0|?0
Chrome|140.0|Windows|8|Desktop|win|Google Chrome/140.0.7339.81|Windows|0.2.0|?0
Chrome|140.0|Windows|7|Desktop|win|Google Chrome/140.0.7339.81|Windows|0.1.0|?0
Chrome|140.0|Windows|10|Desktop|win|Google Chrome/140|Windows||?0
Chrome|140.0|Windows|10|Desktop|win|Google Chrome/140|Windows|soon|?0
# The real browser among the brands
Microsoft Edge|140.0|Windows|11|Desktop|edge|Microsoft Edge/140.0.3485.54|Windows|15.0.0|?0
Opera|121.0|Windows|11|Desktop|opera|Opera/137.0.7151.122|Windows|15.0.0|?0
Brave|140.0|Windows|11|Desktop|win|Brave/140|Windows|15.0.0|?0
Brave|1.82|Mac|15.6|Desktop|mac|Brave/1.82.161|macOS|15.6.1|?0
Vivaldi|7.5|Windows|10|Desktop|win|Vivaldi/7.5.3735.74|Windows|10.0.0|?0
Vivaldi|7.5|Windows|10|Desktop|win|Google Chrome/140.0.7339.81, Vivaldi/7.5.3735.74|Windows|10.0.0|?0
Samsung Browser|28.0|Android|15.0|Mobile|samsung|Samsung Internet/28.0|Android|15.0.0|?1|SM-S918B
Opera GX|120.0|Windows|11|Desktop|win|Opera GX/120.0.5543.201|Windows|15.0.0|?0
Opera|90.0|Android|14.0|Mobile|phone|Opera Mobile/90.0|Android|14.0.0|?1|Pixel 8
Yandex Browser|25.8|Windows|10|Desktop|win|YaBrowser/25.8.0.0, Yowser/2.5|Windows|10.0.0|?0
Yandex Browser|22.0|Android|8.1|Mobile|phone|Yandex/22|Android|8.1.0|?1|ZC554KL
DuckDuckGo Privacy Browser|140.0|Windows|11|Desktop|win|DuckDuckGo/140|Windows|15.0.0|?0
Whale Browser|4.31|Windows|10|Desktop|win|Whale/4.31.304.16|Windows|10.0.0|?0
Avast Secure Browser|98.0|Windows|10|Desktop|win|Avast Secure Browser/98.0.14335.103|Windows|10.0.0|?0
AVG Secure Browser|98.0|Windows|10|Desktop|win|AVG Secure Browser/98.0.14335.104|Windows|10.0.0|?0
CCleaner|98.0|Windows|10|Desktop|win|CCleaner Browser/98.0.14335.105|Windows|10.0.0|?0
Opera Crypto|99.0|Windows|10|Desktop|win|Opera Crypto/99.0.4844.16|Windows|10.0.0|?0
Headless Chrome|140.0|GNU/Linux||Desktop|linux|HeadlessChrome/140.0.7339.80|Linux|6.8.0|?0
Chrome|140.0|GNU/Linux||Desktop|linux||Linux|6.8.0|?0
Chrome|140.0|Windows|10|Desktop|win|EvilCorp/1.0|Windows|10.0.0|?0
Firefox|142.0|Windows|10|Desktop|firefox|Google Chrome/140|Windows|10.0.0|?0
# Applications
Mobile App|140.0|Android|14.0|Mobile|phone|Android WebView/140.0.7339.51|Android|14.0.0|?1|Pixel 8
Mobile App|140.0|Android|14.0|Mobile|webview|Google Chrome/140|Android|14.0.0|?1|Pixel 8
Mobile App|140.0|Windows|11|Desktop|win|Microsoft Edge/140.0.3485.54, Microsoft Edge WebView2/140.0.3485.54|Windows|15.0.0|?0
# What the user agent has frozen
Chrome|140.0|Mac|26.0|Desktop|mac|Google Chrome/140.0.7339.81|macOS|26.0.0|?0
Chrome|140.0|Mac|10.15|Desktop|mac|Google Chrome/140.0.7339.81|macOS||?0
Chrome|140.0|Android|16.0|Mobile|phone|Google Chrome/140.0.7339.51|Android|16.0.0|?1|Pixel 9
Chrome|140.0|Android|10|Mobile|phone|Google Chrome/140|Android||?1
Chrome|140.0|Android|14.0|Tablet|tablet|Google Chrome/140.0.7339.51|Android|14.0.0|?0|SM-X910
Chrome|140.0|Android|12.0|Desktop|tablet|Google Chrome/140.0.7339.51|Android|12.0.0|?0|BRAVIA 4K VH2
Chrome|140.0|Android|11.0|Desktop|tablet|Google Chrome/140.0.7339.51|Android|11.0.0|?0|MiTV-MOOQ0
Chrome|140.0|Android|16.0|Mobile|linux|Google Chrome/140.0.7339.51|Android|16.0.0|?1|Pixel 9
Chrome|140.0|Android|15.0|Tablet|linux|Google Chrome/140.0.7339.51|Android|15.0.0|?0|Pixel Tablet
Chrome|140.0|Chrome OS|16328.65|Desktop|cros|Google Chrome/140.0.7339.51|Chrome OS|16328.65.0|?0
Chrome|140.0|Chrome OS||Desktop|linux|Google Chrome/140.0.7339.51|Chromium OS||?0
Chrome|140.0|Android|13.0|Mobile|model|Google Chrome/140.0.7339.51|Android|13.0.0|?1|SM-S918B
Mobile Silk|98.1|Fire OS|7|Tablet|silk||Android|9.0.0|?0|KFKAWI
Avast Secure Browser|6.6|Android|11|Mobile|none|AvastSecureBrowser/6.6.0|Android|11|?1
||Windows|11|Desktop|none||Windows|15.0.0|
`

const columns = ['browser', 'browserVersion', 'os', 'osVersion', 'device'] as const

const rows = labelled
  .trim()
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .map((line) => {
    const fields = line.split('|')
    const [agent = '', brands = '', platform = '', platformVersion = '', mobile = '', model = ''] =
      fields.slice(columns.length)
    return {
      line,
      expected: fields.slice(0, columns.length),
      userAgent: agents[agent] ?? '',
      hints: hintsOf({ brands, platform, platformVersion, mobile, model }),
    }
  })

/** As browsers write them: the nonsense brand and the engine among the brands, text in quotes. */
function hintsOf(given: Readonly<Record<keyof ClientHints, string>>): ClientHints {
  const listed = [...given.brands.split(', ').filter((brand) => brand !== ''), 'Chromium/140.0.7339.81']
    .map((brand) => brand.replace(/^(.*)\/(.*)$/, '"$1";v="$2"'))
    .join(', ')
  return {
    brands: `"Not=A?Brand";v="24.0.0.0", ${listed}`,
    platform: `"${given.platform}"`,
    platformVersion: `"${given.platformVersion}"`,
    model: `"${given.model}"`,
    ...(given.mobile === '' ? {} : { mobile: given.mobile }),
  }
}

describe('of client hints labelled by hand', () => {
  const reader = new UserAgentReader()
  const found = rows.map((row) => ({ ...row, facts: reader.read(row.userAgent, row.hints) }))

  test.each(columns.map((column, index) => [column, index] as const))('%s is right', (column, index) => {
    const wrong = found.flatMap(({ line, expected, facts }) =>
      facts[column] === expected[index] ? [] : [`${facts[column]} instead of ${line}`],
    )
    expect(1 - wrong.length / rows.length, wrong.join('\n')).toBeGreaterThanOrEqual(0.99)
  })

  test('there are enough to say so', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40)
  })
})
