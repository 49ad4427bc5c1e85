/**
 * How many addresses of a public list of datacenters the AS rules find, with the packaged table of networks. The list: the first
 * 334 AS numbers of input/datacenter/ASN.txt of X4BNet/lists_vpn (MIT, commit f7f3ab0), as they stand there: it is older than
 * the table, and about 45 of them are access providers in Nigeria.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { beforeAll, expect, test } from 'vitest'
import { isDatacenter } from './ip-class.ts'

const listed = new Set(
  (
    '45090 3223 3561 3842 4250 4323 4694 5577 4713 6724 6870 6939 7203 7489 7506 7850 7979 8075 8100 8455 8560 8972 9370 10297 ' +
    '10439 10929 11588 11831 11878 12586 12876 12989 13213 13739 13926 14061 14127 14618 15003 15083 15169 15395 15497 15510 ' +
    '15626 15734 16125 16262 16276 16284 16397 16509 16628 17216 18450 18779 18978 19084 19318 19437 19531 19624 19844 19871 ' +
    '19969 20021 20264 20454 20473 20598 20738 20773 20836 20860 21100 21159 21321 21859 22363 22552 22781 23033 23342 23352 ' +
    '24482 24768 24875 24940 24961 24971 25163 25369 25379 25780 25820 27257 28753 29066 29073 29182 29302 29354 29465 29550 ' +
    '29691 29802 29838 29854 30083 30176 30475 30633 30693 30900 30998 31034 31103 32097 32181 32244 32475 32489 32613 32780 ' +
    '33070 33083 33182 33302 33330 33387 33438 33480 33724 33785 33891 34305 34971 34989 35017 35366 35415 35470 35662 35908 ' +
    '35916 36024 36114 36290 36351 36352 36666 36873 36887 36920 36970 37018 37088 37153 37170 37209 37230 37248 37269 37280 ' +
    '37308 37347 37377 37472 37506 37521 37540 37643 37661 37692 37714 38001 39020 39326 39351 39392 39572 40156 40244 40676 ' +
    '40824 40861 41653 41665 42160 42331 42473 42695 42708 42730 42831 43146 49505 43289 43317 43350 44050 44066 45102 45187 ' +
    '45470 45671 45815 46261 46430 46475 46562 46664 46805 46816 46844 47328 47447 47588 49349 49367 49453 49532 49544 49981 ' +
    '50297 50613 50673 51159 51167 51191 51395 51430 51731 51765 51852 52048 52173 52219 53013 53340 53559 53597 53667 53755 ' +
    '53850 53889 54104 54203 54455 54489 54500 54540 55225 55286 55536 55933 55967 56322 56630 56934 57043 57169 57230 57858 ' +
    '58073 58305 59253 59349 59432 59504 59729 59764 60011 60068 60118 60404 60485 60505 60558 60567 60781 61102 61157 61317 ' +
    '61440 62217 62240 62282 62370 62471 62540 62567 63008 63018 63119 63128 63199 63473 63949 64245 64484 132816 133296 133480 ' +
    '133752 134451 136258 197155 197328 198310 198605 199653 199883 200019 200039 201011 201525 202053 202836 203523 203629 ' +
    '204196 205053 327705 327784 327813 327942 328035 394256 394330 394380 395089 395111 395978'
  )
    .split(' ')
    .map(Number),
)

interface Network {
  readonly asn: number
  readonly organization: string
  readonly addresses: number
}

let networks: Network[]
beforeAll(async () => {
  const file = createRequire(import.meta.url).resolve('@ip-location-db/asn/asn-ipv4-num.csv')
  networks = (await readFile(file, 'utf8')).split('\n').flatMap((line) => {
    const [first, last, asn, ...organization] = line.split(',')
    if (asn === undefined) return []
    return [
      {
        asn: Number(asn),
        organization: organization.join(',').replaceAll('"', ''),
        addresses: Number(last) - Number(first) + 1,
      },
    ]
  })
})

/** Addresses of the networks for which it holds. */
function addressesOf(holds: (network: Network) => boolean): number {
  let sum = 0
  for (const network of networks) if (holds(network)) sum += network.addresses
  return sum
}

const isFound = ({ asn, organization }: Network): boolean => isDatacenter(asn, organization)
const isListed = ({ asn }: Network): boolean => listed.has(asn)

test('finds nine tenths of the addresses of the list, and of the rest flags few', () => {
  const ofList = addressesOf(isListed)
  const found = addressesOf((network) => isListed(network) && isFound(network))
  const ofAccess = addressesOf(({ asn }) => accessNetworks.has(asn))
  const others = addressesOf((network) => !isListed(network))
  const alsoFlagged = addressesOf((network) => !isListed(network) && isFound(network))
  const shares = {
    found: found / ofList,
    foundWithoutAccess: found / (ofList - ofAccess),
    alsoFlagged: alsoFlagged / others,
  }
  expect(ofList).toBeGreaterThan(300_000_000)
  expect(shares.found).toBeCloseTo(0.88, 2)
  expect(shares.foundWithoutAccess).toBeGreaterThan(0.97)
  expect(shares.alsoFlagged).toBeLessThan(0.04)
})

test('calls none of the largest access networks a datacenter', () => {
  const access = [4134, 4837, 7922, 4766, 17676, 3320, 7018, 701, 3215, 12322, 5089, 2856, 3269, 6830, 9299]
  expect(networks.filter((network) => access.includes(network.asn) && isFound(network))).toEqual([])
})

/** Networks of the list that sell access to people: OCN of NTT in Japan, CenturyLink. */
const accessNetworks: ReadonlySet<number> = new Set([4713, 3561])
