import { describe, expect, test } from 'vitest'
import { UserAgentReader } from './user-agent-reader.ts'

const reader = new UserAgentReader()
const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const windowsChrome = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0.0.0 Safari/537.36`

/** Plausible, section 5.4: from the device type, not from pixels. */
describe('the device class', () => {
  const android = (model: string, words = 'Mobile Safari/537.36') =>
    `Mozilla/5.0 (Linux; Android 13; ${model}) ${webKit} Chrome/140.0.0.0 ${words}`
  test.each([
    ['a smartphone', 'Mobile', android('SM-S918B')],
    ['a feature phone', 'Mobile', 'Nokia6300/2.0 (05.00) Profile/MIDP-2.0 Configuration/CLDC-1.1'],
    ['a phablet', 'Mobile', android('SM-N986B')],
    [
      'a portable media player',
      'Mobile',
      'Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1',
    ],
    ['a wearable', 'Mobile', android('SM-R890')],
    ['a camera', 'Mobile', android('EK-GC200')],
    ['a tablet', 'Tablet', android('SM-X910', 'Safari/537.36')],
    [
      'a car browser',
      'Tablet',
      `Mozilla/5.0 (X11; Linux x86_64) ${webKit} Chrome/120.0.0.0 Safari/537.36 Tesla/2024.2.7`,
    ],
    ['a television', 'Desktop', android('BRAVIA 4K VH2', 'Safari/537.36')],
    ['a television that calls itself mobile', 'Desktop', android('MiTV-AXSO2')],
    ['a console', 'Desktop', 'Mozilla/5.0 (PlayStation 4 9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)'],
    ['a desktop', 'Desktop', windowsChrome],
    [
      'a speaker',
      '',
      `Mozilla/5.0 (Linux; Android 7.1.2; AEOBC) ${webKit} Silk/110.1 like Chrome/110.0 Safari/537.36`,
    ],
    ['nobody knows what', '', 'SomethingElse'],
  ])('of %s is %j', (_, device, userAgent) => {
    expect(reader.read(userAgent).device).toBe(device)
  })
})

test.each([
  'MIBOX4',
  'MiTV-MOOQ0',
  'AFTKA',
  'SHIELD Android TV',
  'Chromecast',
  'BRAVIA 4K GB',
  'Nexus Player',
  'ADT-3',
  'AQUOS-TVX19B',
  'Hisense SmartTV',
  'TCL 55P615 TV',
  'BLAUPUNKT 4K Android TV',
  'TOUCAN Stick 4K',
  'Rombica Smart Box v006',
  'BBK shell V500DJ6-QE1_T3',
  'X96Max_Plus2',
  'H96 Max V11',
  'MECOOL KM9 Pro',
  'TF-LED40S63T2S',
])('the Android television %s is no tablet', (model) => {
  for (const words of ['Safari/537.36', 'Mobile Safari/537.36']) {
    const userAgent = `Mozilla/5.0 (Linux; Android 11; ${model}) ${webKit} Chrome/120.0.0.0 ${words}`
    expect(reader.read(userAgent).device).toBe('Desktop')
  }
})

test.each([
  'SM-A546E',
  'Pixel 8',
  'Redmi Note 12',
  'moto g power (2022)',
  'CPH2207',
  'TECNO KI5k',
  'Nokia 8.1',
  'SHARP AQUOS sense4',
])('the phone %s is no television', (model) => {
  const userAgent = `Mozilla/5.0 (Linux; Android 11; ${model}) ${webKit} Chrome/120.0.0.0 Mobile Safari/537.36`
  expect(reader.read(userAgent).device).toBe('Mobile')
})
