/**
 * The ISO 3166-1 alpha-2 code that a client means by a code or by a country's name in English or French; undefined for what
 * is neither. Case, accents and punctuation do not matter; `UK` and withdrawn codes give the code of today.
 */
export function countryCode(text: string): string | undefined {
  return codes.get(comparable(text))
}

/** Two letters that Unicode's tables name and ISO gives to no country. */
const notCountries: ReadonlySet<string> = new Set([
  ...['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ'],
])

/** In use beside the names of those tables. */
const otherNames: readonly (readonly [name: string, code: string])[] = [
  ['Burma', 'MM'],
  ['Czech Republic', 'CZ'],
  ['Great Britain', 'GB'],
  ['Holland', 'NL'],
  ['Ivory Coast', 'CI'],
  ['Republic of Korea', 'KR'],
  ['Russian Federation', 'RU'],
  ['The Netherlands', 'NL'],
  ['Turkey', 'TR'],
  ['United States of America', 'US'],
  ['USA', 'US'],
  ['Viet Nam', 'VN'],
]

/** `short` has Hong Kong where `long` has Hong Kong SAR China. */
const nameTables = (['en', 'fr'] as const).flatMap((language) =>
  (['long', 'short'] as const).map(
    (style) => new Intl.DisplayNames(language, { type: 'region', fallback: 'none', style }),
  ),
)

const codes: ReadonlyMap<string, string> = codesByName()

function codesByName(): Map<string, string> {
  const found = new Map<string, string>()
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
  for (const given of letters.flatMap((first) => letters.map((second) => first + second))) {
    const code = new Intl.Locale(`und-${given}`).region ?? given
    const isCountry = nameTables[0]?.of(code) !== undefined && !notCountries.has(code)
    if (isCountry) found.set(comparable(given), code)
  }
  const countries = new Set(found.values())
  for (const [name, code] of otherNames) found.set(comparable(name), code)
  for (const names of nameTables) {
    for (const code of countries) {
      const name = comparable(names.of(code) ?? '')
      if (!found.has(name)) found.set(name, code)
    }
  }
  return found
}

/** `Côte d’Ivoire` and `COTE D'IVOIRE` are one name, and so are `&` and `and`. */
function comparable(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll('&', ' and ')
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, ' ')
    .trim()
}
