import { describe, expect, it } from 'vitest'
import { decimalAmount, readRevenue } from './revenue.ts'

describe('decimalAmount', () => {
  it.each<[string, string]>([
    ['15.99', '15.99'],
    ['0', '0'],
    ['-0', '0'],
    ['-3.50', '-3.5'],
    ['+7', '7'],
    ['007.10', '7.1'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1.5E-3', '0.0015'],
    ['1e-7', '0'],
    ['1e-99', '0'],
    ['0.00005', '0'],
    ['0.00015', '0.0002'],
    ['0.00025', '0.0002'],
    ['0.000250001', '0.0003'],
    ['-0.00015', '-0.0002'],
    ['0.99995', '1'],
    ['99999999999999.9999', '99999999999999.9999'],
  ])('writes %s as %s', (text, expected) => {
    expect(decimalAmount(text)).toBe(expected)
  })

  it.each([
    '',
    '.',
    '-',
    'e3',
    '1,5',
    ' 1',
    '1 ',
    '0x10',
    'NaN',
    'Infinity',
    '1e',
    '--1',
    '100000000000000',
    '99999999999999.99999',
    '1e99',
    '1e100',
    '1'.repeat(65),
  ])('finds no amount in %j', (text) => {
    expect(decimalAmount(text)).toBeUndefined()
  })
})

describe('readRevenue', () => {
  it.each<[unknown, unknown]>([
    [{ amount: 1, currency: 'XYZ' }, undefined],
    [{ amount: 1, currency: 'EURO' }, undefined],
    [{ amount: 1, currency: 978 }, undefined],
    [{ amount: 1 }, undefined],
    [{ currency: 'EUR' }, undefined],
    [{ amount: null, currency: 'EUR' }, undefined],
    [{ amount: true, currency: 'EUR' }, undefined],
    [{ amount: [1], currency: 'EUR' }, undefined],
    [{ amount: Infinity, currency: 'EUR' }, undefined],
    [
      { amount: 12, currency: 'EUR' },
      { amount: '12', currency: 'EUR' },
    ],
    [
      { amount: 10.2, currency: 'BRL' },
      { amount: '10.2', currency: 'BRL' },
    ],
    [
      { amount: '10.20', currency: 'usd' },
      { amount: '10.2', currency: 'USD' },
    ],
    [
      { amount: 1e-7, currency: 'JPY' },
      { amount: '0', currency: 'JPY' },
    ],
  ])('reads %j as %j', (given, expected) => {
    expect(readRevenue(given as object)).toEqual(expected)
  })
})
