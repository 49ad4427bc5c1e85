import { kameleoonConfiguration, kameleoonSiteCode } from './test-kameleoon-sdk.ts'

/**
 * A page with the published SDK, which sends to the producer what it would send to Kameleoon, by the browser's own `fetch`.
 * `window.visit()` resolves to the visitor code that the SDK made and put into its cookie.
 * @param producer base URL
 */
export function kameleoonPage(producer: string): string {
  return `<!doctype html><title>Kasse & Thé</title>
<script src="/lib/kameleoon/javascript-sdk.umd.min.js"></script>
<script>
  const producer = ${JSON.stringify(producer)}
  const configuration = ${JSON.stringify(kameleoonConfiguration)}
  const requester = {
    async sendRequest({ url, parameters }) {
      const { hostname, pathname, search } = new URL(url)
      if (hostname.startsWith('sdk-config.')) return Response.json(configuration)
      return fetch(producer + pathname + search, parameters)
    },
  }
  const client = new KameleoonSDK.KameleoonClient({ siteCode: ${JSON.stringify(kameleoonSiteCode)}, externals: { requester } })
  window.visit = async () => {
    await client.initialize()
    const visitorCode = client.getVisitorCode()
    client.getVariation({ visitorCode, featureKey: 'checkout' })
    client.trackConversion({ visitorCode, goalId: 7, revenue: 5.5 })
    client.flush({ visitorCode, instant: true })
    return visitorCode
  }
</script>`
}
