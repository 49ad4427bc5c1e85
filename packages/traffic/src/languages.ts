import type { TrafficRandom } from './random.ts'

/** What browsers ask for in a country, from its networks' table; the first is the usual. */
const tags: Readonly<Record<string, readonly string[]>> = {
  US: ['en-US', 'en-US', 'en-US', 'es-US'],
  IN: ['en-IN', 'en-GB', 'hi-IN'],
  DE: ['de-DE', 'de'],
  GB: ['en-GB'],
  FR: ['fr-FR', 'fr'],
  BR: ['pt-BR'],
  JP: ['ja', 'ja-JP'],
  CA: ['en-CA', 'en-US', 'fr-CA'],
  ES: ['es-ES', 'es'],
  IT: ['it-IT', 'it'],
  MX: ['es-MX', 'es-419'],
  ID: ['id-ID', 'id'],
  NL: ['nl-NL', 'nl'],
  PL: ['pl-PL', 'pl'],
  TR: ['tr-TR', 'tr'],
  KR: ['ko-KR'],
  AU: ['en-AU', 'en-GB'],
  VN: ['vi-VN'],
  PH: ['en-PH', 'en-US', 'fil-PH'],
  ZA: ['en-ZA', 'en-GB'],
  NG: ['en-NG', 'en-GB'],
  EG: ['ar-EG', 'ar'],
  SE: ['sv-SE'],
  CH: ['de-CH', 'fr-CH', 'it-CH'],
  AR: ['es-AR', 'es-419'],
  CO: ['es-CO', 'es-419'],
  RU: ['ru-RU', 'ru'],
  CN: ['zh-CN'],
}

const englishShare = 0.12

/** `Accept-Language` as Chromium writes it: `de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7`. */
export function languageOf(country: string, random: TrafficRandom): string {
  const own = random.chance(englishShare) ? undefined : tags[country]
  return accepted[own === undefined ? 'en-US' : random.of(own)] ?? 'en-US,en;q=0.9'
}

const accepted: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(tags)
    .flat()
    .map((tag) => [tag, acceptLanguage(tag)]),
)

function acceptLanguage(tag: string): string {
  const [language = tag] = tag.split('-')
  const own = language === tag ? [tag] : [tag, language]
  const all = language === 'en' ? own : [...own, 'en-US', 'en']
  return all.map((name, index) => (index === 0 ? name : `${name};q=${(1 - index / 10).toFixed(1)}`)).join(',')
}
