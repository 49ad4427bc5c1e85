/** A shop for each of Plausible's clients: `official.example`, `tracker.example` and `fork.example`. */
export const plausibleClients = ['official', 'tracker', 'fork'] as const
export type PlausibleClient = (typeof plausibleClients)[number]

/**
 * The page of a shop; under `/app` it routes by the fragment. `window.track` and `window.buy` are the client's own calls.
 * @param producer base URL of the producer
 */
export function plausiblePage(hostname: string, producer: string): string {
  const client = plausibleClients.find((name) => hostname === `${name}.example`)
  if (client === undefined) return `<!doctype html><title>${hostname}</title>`
  return `<!doctype html><title>Shop</title>
<a id="outbound" target="_blank" href="http://partner.example/offer">partner</a>
<a id="download" target="_blank" href="/files/guide.pdf">guide</a>
<button id="tagged" class="plausible-event-name=Sign+up plausible-event-plan=free">sign up</button>
<form id="contact" onsubmit="return false"><input name="question"></form>
<div style="height: 4000px">long</div>
<script type="module">
  const hashMode = location.pathname === '/app'
  const producer = ${JSON.stringify(producer)}
  ${scripts[client]}
  document.body.dataset.ready = 'yes'
</script>`
}

const scripts: Readonly<Record<PlausibleClient, string>> = {
  official: `
  import { init, track } from '/lib/official/plausible.js'
  init({ domain: 'official.example', endpoint: producer + '/api/event', captureOnLocalhost: true,
    hashBasedRouting: hashMode, outboundLinks: true, fileDownloads: true, formSubmissions: true,
    customProperties: { theme: 'dark' } })
  window.track = (name, props) => track(name, { props, interactive: false })
  window.buy = (revenue) => track('Purchase', { props: { plan: 'pro', seats: 3, gift: true }, revenue })`,
  tracker: `
  import Plausible from '/lib/tracker/index.js'
  const { trackEvent, enableAutoPageviews, enableAutoOutboundTracking } =
    Plausible({ domain: 'tracker.example', apiHost: producer, trackLocalhost: true, hashMode })
  enableAutoPageviews()
  enableAutoOutboundTracking()
  window.track = (name, props) => trackEvent(name, { props })
  window.buy = () => trackEvent('Purchase', { props: { plan: 'pro', seats: 3, gift: true } })`,
  fork: `
  import { createPlausibleTracker } from '/lib/fork/index.mjs'
  import { defaultFileTypes, useAutoFileDownloadsTracking, useAutoOutboundTracking, useAutoPageviews }
    from '/lib/fork/extensions/index.mjs'
  const plausible = createPlausibleTracker({ domain: 'fork.example', apiHost: producer, ignoredHostnames: [], hashMode })
  useAutoPageviews(plausible).install()
  useAutoOutboundTracking(plausible).install()
  useAutoFileDownloadsTracking(plausible, { fileTypes: defaultFileTypes }).install()
  window.track = (name, props) => plausible.trackEvent(name, { props })
  window.buy = (revenue) => plausible.trackEvent('Purchase', { props: { plan: 'pro', seats: 3, gift: true }, revenue })`,
}
