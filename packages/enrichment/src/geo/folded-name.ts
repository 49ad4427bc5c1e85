/** Names of places as two makers may spell them differently: without accents, case and punctuation. */

/** `Île-de-France` and `Ile de France` are `ile de france`. Letters that Unicode does not take apart are told here. */
export function foldedName(name: string): string {
  // Most names are plain ASCII: taking them apart costs more than looking.
  const plain = /^[ -~]*$/.test(name) ? name : withoutAccents(name)
  return plain
    .toLowerCase()
    .replace(/['`]/g, '')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
}

/** The folded name without the words that say what kind of place it is: `State of Berlin` is `berlin`. */
export function looseName(folded: string): string {
  return folded.replace(kindWords, ' ').replace(/ +/g, ' ').trim()
}

const kindWords =
  /\b(?:province|state|region|county|oblast|krai|kray|prefecture|governorate|district|department|canton|voivodeship|municipality|city|capital|autonomous|republic|respublika|territory|division|parish|emirate|community|metropolitan|special|administrative|okrug|do|si|of|the)\b/g

const singleLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  Ø: 'o',
  æ: 'ae',
  Æ: 'ae',
  œ: 'oe',
  ł: 'l',
  Ł: 'l',
  đ: 'd',
  Đ: 'd',
  ı: 'i',
  İ: 'i',
  þ: 'th',
  ð: 'd',
  ə: 'a',
  Ə: 'a',
  '’': '',
  '‘': '',
  ʼ: '',
  ʻ: '',
}

function withoutAccents(name: string): string {
  return name
    .replace(/[ßøØæÆœłŁđĐıİþðəƏ’‘ʼʻ]/g, (letter) => singleLetters[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
}
