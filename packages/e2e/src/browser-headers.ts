import type { Headers } from './enriched-pipeline.ts'

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
/** User agents, by what they are of. */
export const agents = {
  windows: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
  android: `Mozilla/5.0 (Linux; Android 10; K) ${webKit} Chrome/140.0.0.0 Safari/537.36`,
  iphone: `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1`,
  instagram: `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 390.0.0.28.85 (iPhone14,5; iOS 18_6; en_US)`,
  television: `Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) ${webKit} SamsungBrowser/4.0 Chrome/76.0.3809.146 TV Safari/537.36`,
  google: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  curl: 'curl/8.5.0',
  verification: 'Plausible Verification Agent - if abused, contact support@plausible.io',
}
/** Headers of a Chromium that names this brand beside the nonsense one and its engine. */
export const hints = (brand: string, platform: string, version: string, model = ''): Headers => ({
  'sec-ch-ua-full-version-list': `"Not=A?Brand";v="24.0.0.0", "Chromium";v="140.0.7339.81", ${brand}`,
  'sec-ch-ua': `"Not=A?Brand";v="24", "Chromium";v="140"`,
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': `"${platform}"`,
  'sec-ch-ua-platform-version': `"${version}"`,
  'sec-ch-ua-model': `"${model}"`,
})
export const chrome = '"Google Chrome";v="140.0.7339.81"'
