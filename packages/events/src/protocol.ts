/** The wire protocols, as stored in the column `protocol`. */
export const protocols = ['plausible', 'kameleoon', 'octeth', 'successeve'] as const

export type Protocol = (typeof protocols)[number]
