import { assert } from '@millrace/runtime'
export interface Network {
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly kind: 'access' | 'mobile' | 'cloud'
  /** Share of the world's visitors, about percent. */
  readonly weight: number
  readonly ipv4: readonly Prefix[]
  readonly ipv6: readonly Prefix[]
}

/** Parts of an address: 4 of 8 bits, or 8 of 16; and how many bits of it are given. */
export interface Prefix {
  readonly parts: readonly number[]
  readonly bits: number
}

/**
 * Large access networks, mobile networks and clouds: country, kind, weight, AS number, and the largest prefixes that it
 * announces (AS table of 2026-06-17), those that the city data of 2026-06-05 places elsewhere left out. Weights are a country's
 * rough share of the web's users, split among its networks.
 */
const table = `
US access 3.43 AS701 63.0.0.0/12 71.112.0.0/12 65.232.0.0/13 2600:4000::/25
US access 3.43 AS7018 99.32.0.0/11 107.192.0.0/11 108.192.0.0/11 2602:300::/24
US access 3.43 AS7922 73.0.0.0/8 98.192.0.0/10 67.160.0.0/11 2601::/24
US access 3.43 AS20115 174.80.0.0/13 24.180.0.0/14 47.24.0.0/14 2603:6090::/28
US access 3.43 AS22773 68.0.0.0/12 68.96.0.0/13 24.252.0.0/14 2600:8800::/29
US mobile 3.43 AS6167 97.160.0.0/13 97.176.0.0/13 97.208.0.0/13 2600:1000::/30
US mobile 3.43 AS21928 100.128.0.0/9 162.160.0.0/11 172.32.0.0/11 2607:fb90::/33
IN access 4.33 AS24560 122.162.0.0/15 122.178.0.0/15 27.58.0.0/16 2401:4900:1c00::/40
IN mobile 4.33 AS45609 106.196.0.0/15 106.220.0.0/15 27.59.0.0/16 2401:4900:d800::/37
IN mobile 4.33 AS55836 157.32.0.0/12 49.32.0.0/13 115.240.0.0/13 2409:4000::/27
BR access 2.0 AS27699 177.94.0.0/15 177.102.0.0/15 177.138.0.0/15 2804:431:a800::/38
BR access 2.0 AS28573 179.136.0.0/13 191.176.0.0/13 177.80.0.0/14 2804:14d:ec00::/39
BR mobile 2.0 AS26599 152.240.0.0/13 177.168.0.0/13 179.112.0.0/13 2804:18:5000::/37
DE access 2.0 AS3209 88.64.0.0/12 178.0.0.0/12 188.96.0.0/12 2a00::/22
DE access 2.0 AS3320 79.192.0.0/10 84.128.0.0/10 87.128.0.0/10 2003::/23
DE mobile 2.0 AS6805 77.0.0.0/12 77.176.0.0/12 2.208.0.0/13 2a02:3000::/23
GB access 2.0 AS2856 86.128.0.0/10 81.128.0.0/11 109.144.0.0/12 2a01:4c8::/29
GB access 2.0 AS5089 86.0.0.0/11 81.96.0.0/12 82.0.0.0/12 2a02:8880::/25
GB access 2.0 AS5607 90.192.0.0/11 94.0.0.0/12 2.120.0.0/13 2a02:c78::/29
FR access 1.67 AS3215 86.192.0.0/11 90.0.0.0/11 90.48.0.0/12 2a01:c910::/29
FR access 1.67 AS12322 82.224.0.0/11 88.160.0.0/11 78.192.0.0/12 2a01:e00::/30
FR mobile 1.67 AS15557 93.0.0.0/11 109.0.0.0/11 77.144.0.0/12 2a02:8400::/25
JP access 1.67 AS4713 153.128.0.0/10 180.0.0.0/10 114.160.0.0/11 2400:4000::/22
JP access 1.67 AS17676 60.64.0.0/10 60.128.0.0/11 126.64.0.0/11 2400:2000::/20
JP mobile 1.67 AS2516 106.128.0.0/10 27.80.0.0/12 111.96.0.0/12 240f::/23
ID access 2.0 AS7713 36.80.0.0/12 36.72.0.0/13 125.160.0.0/13 2001:4489::/32
ID mobile 2.0 AS23693 39.192.0.0/10 182.0.0.0/12 114.120.0.0/13 2400:82e0::/32
CA access 1.5 AS577 70.48.0.0/13 65.92.0.0/14 74.12.0.0/14 2001:4958::/32
CA access 1.5 AS812 99.224.0.0/11 174.112.0.0/13 97.108.0.0/14 2605:1300::/32
ES access 1.5 AS3352 83.32.0.0/11 88.0.0.0/11 79.144.0.0/12 2a02:9000::/28
ES mobile 1.5 AS12479 85.48.0.0/12 90.160.0.0/12 87.216.0.0/13
IT access 1.5 AS3269 79.0.0.0/10 87.0.0.0/11 95.224.0.0/11 2a01:2000::/20
IT mobile 1.5 AS30722 2.40.0.0/13 5.88.0.0/13 37.176.0.0/13 2a01:820::/32
MX access 3.0 AS8151 189.224.0.0/13 187.132.0.0/14 187.136.0.0/14 2a10:7406::/31
AU access 1.0 AS1221 1.128.0.0/11 58.160.0.0/12 101.176.0.0/12 2001:8000::/20
AU mobile 1.0 AS4804 49.176.0.0/12 49.192.0.0/13 58.104.0.0/13 2405:dc00:fe::/47
CN access 1.0 AS4134 223.144.0.0/12 36.56.0.0/13 42.88.0.0/13 240e::/24
CN mobile 1.0 AS9808 36.184.0.0/13 183.224.0.0/13 36.172.0.0/14 2409:8120::/27
KR access 2.0 AS4766 14.64.0.0/11 175.224.0.0/11 1.96.0.0/12 2400:e1::/32
NL access 1.0 AS1136 77.160.0.0/12 86.80.0.0/13 188.200.0.0/13 2a02:a440::/26
NL access 1.0 AS33915 83.80.0.0/13 84.24.0.0/13 94.208.0.0/13 2001:1c00::/23
PH access 2.0 AS9299 49.144.0.0/13 112.200.0.0/13 112.208.0.0/14 2001:4450::/42
PL access 2.0 AS5617 83.16.0.0/12 79.184.0.0/13 83.8.0.0/13 2a01:1200::/23
RU access 2.0 AS12389 178.64.0.0/13 37.20.0.0/14 92.124.0.0/14 2a0e:b900::/29
TR access 2.0 AS9121 85.96.0.0/12 95.0.0.0/12 88.248.0.0/13 2a00:1d30::/29
VN access 2.0 AS45899 14.160.0.0/11 113.160.0.0/11 14.240.0.0/12 2001:ee0::/30
AR access 1.5 AS22927 186.128.0.0/13 179.36.0.0/14 181.20.0.0/14 2802:8000::/25
CO access 1.5 AS3816 152.202.0.0/15 186.114.0.0/15 186.116.0.0/15 2801:130::/36
CH access 1.0 AS3303 85.0.0.0/13 178.192.0.0/13 83.76.0.0/14 2a02:1200::/28
EG access 1.0 AS8452 156.192.0.0/11 197.32.0.0/11 41.32.0.0/12 2c0f:7b00::/28
NG mobile 1.0 AS29465 102.88.0.0/13 197.210.0.0/16 41.206.0.0/19 2c0f:f5c0::/32
SE access 1.0 AS3301 78.64.0.0/12 81.224.0.0/12 90.224.0.0/12 2a13:d480::/29
ZA access 1.0 AS37457 105.184.0.0/14 105.224.0.0/14 105.228.0.0/15 2c0e:2200::/28
US cloud 0.4 AS8075 20.64.0.0/10 20.192.0.0/10 48.192.0.0/10 2603:1000::/26
US cloud 0.4 AS14061 45.55.0.0/16 46.101.0.0/16 68.183.0.0/16 2400:6180:100::/40
US cloud 0.4 AS16509 3.128.0.0/10 184.192.0.0/10 3.96.0.0/11 2600:f000::/25
US cloud 0.4 AS396982 34.32.0.0/11 34.64.0.0/11 34.128.0.0/11 2631:8008::/29
DE cloud 0.4 AS24940 2.28.0.0/15 46.224.0.0/15 49.12.0.0/15 2a06:be80::/29
FR cloud 0.4 AS16276 54.36.0.0/14 57.128.0.0/14 51.254.0.0/15 2402:1f00::/32`

export function worldNetworks(): Network[] {
  return table.trim().split('\n').map(readNetwork)
}

function readNetwork(line: string): Network {
  const [country = '', kind = '', weight, , ...prefixes] = line.split(' ')
  const isKnown = kind === 'access' || kind === 'mobile' || kind === 'cloud'
  assert(isKnown, `a kind of network: ${line}`)
  return {
    country,
    kind,
    weight: Number(weight),
    ipv4: prefixes.filter((prefix) => !prefix.includes(':')).map(readIpv4),
    ipv6: prefixes.filter((prefix) => prefix.includes(':')).map(readIpv6),
  }
}

function readIpv4(prefix: string): Prefix {
  const [address = '', bits] = prefix.split('/')
  return { parts: address.split('.').map(Number), bits: Number(bits) }
}

function readIpv6(prefix: string): Prefix {
  const [address = '', bits] = prefix.split('/')
  const given = address
    .slice(0, -2)
    .split(':')
    .map((part) => Number.parseInt(part, 16))
  return { parts: [...given, ...Array<number>(8 - given.length).fill(0)], bits: Number(bits) }
}
