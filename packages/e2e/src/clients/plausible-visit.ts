import type { PlausibleClient } from './plausible-pages.ts'
import type { Browser, Page, Response } from './test-browser.ts'

/** What a client sent, in its own words, and how it was answered. */
export interface SentEvent {
  readonly status: number
  readonly payload: Readonly<Record<string, unknown>>
}

export interface ClientVisit {
  readonly sent: readonly SentEvent[]
}

const hasForms = { official: true, tracker: false, fork: false } as const

/**
 * One visitor of a client's shop: lands from a campaign, scrolls, goes on without leaving the page, buys, takes a file,
 * then goes to the part that routes by the fragment, and follows a link out.
 */
export async function visitShop(browser: Browser, client: PlausibleClient): Promise<ClientVisit> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const sent: SentEvent[] = []
  page.on('response', (response) => {
    if (isEvent(response)) sent.push({ status: response.status(), payload: payloadOf(response) })
  })
  const doing = async (name: string, action: () => Promise<unknown>): Promise<void> => {
    const answered = page.waitForResponse((response) => isEvent(response) && payloadOf(response).n === name)
    await action()
    await answered
  }
  await doing('pageview', () => page.goto(`http://${client}.example/?utm_source=letter&utm_campaign=may`))
  await page.waitForSelector('body[data-ready=yes]')
  await page.evaluate('window.scrollTo(0, document.body.scrollHeight)')
  await page.waitForFunction('window.scrollY > 1000')
  await doing('pageview', () => page.evaluate(`history.pushState({}, '', '/products?page=2')`))
  await doing('Look', () => page.evaluate(`window.track('Look', { zoom: '2' })`))
  await doing('Purchase', () => page.evaluate(`window.buy({ amount: 15.99, currency: 'USD' })`))
  if (client !== 'tracker') await doing('File Download', () => page.click('#download'))
  if (hasForms[client]) await useForms(page, doing)
  await doing('pageview', () => page.goto(`http://${client}.example/app#/start`))
  await doing('pageview', () => page.evaluate(`location.hash = '#/settings'`))
  await doing('Outbound Link: Click', () => page.click('#outbound'))
  await page.close({ runBeforeUnload: false })
  await context.close()
  return { sent }
}

/** What the official client captures beyond the others: elements named by their class, and forms. */
async function useForms(
  page: Page,
  doing: (name: string, action: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  await doing('Sign up', () => page.click('#tagged'))
  await doing('Form: Submission', () => page.press('#contact input', 'Enter'))
}

function isEvent(response: Response): boolean {
  return response.request().method() === 'POST' && response.url().endsWith('/api/event')
}

function payloadOf(response: Response): SentEvent['payload'] {
  return JSON.parse(response.request().postData() ?? '{}') as SentEvent['payload']
}
