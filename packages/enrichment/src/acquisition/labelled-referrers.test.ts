/**
 * How well sources and channels are recognised: referrers that sites really get, labelled by hand with what an analyst calls
 * them, and every host of the packaged data. Numbers of the README come from here.
 */
import { describe, expect, test } from 'vitest'
import { acquisition } from './acquisition.ts'
import type { Channel } from './channel.ts'
import { packagedReferrers } from './referrer-database.ts'
import { packagedSourceTable } from './source-table.ts'

const labelled: readonly (readonly [Channel, string, readonly string[]])[] = [
  [
    'Organic Search',
    'Google',
    [
      'https://www.google.com/',
      'https://www.google.de/',
      'https://www.google.co.uk/',
      'https://www.google.com.br/',
      'https://www.google.co.jp/',
      'https://www.google.cat/',
      'android-app://com.google.android.googlequicksearchbox/',
      'android-app://com.google.android.googlequicksearchbox/https/www.google.com',
    ],
  ],
  ['Organic Search', 'Bing', ['https://www.bing.com/', 'https://cn.bing.com/', 'https://ntp.msn.com/']],
  [
    'Organic Search',
    'DuckDuckGo',
    [
      'https://duckduckgo.com/',
      'https://html.duckduckgo.com/',
      'https://lite.duckduckgo.com/',
      'android-app://com.duckduckgo.mobile.android/',
    ],
  ],
  [
    'Organic Search',
    'Yahoo!',
    [
      'https://search.yahoo.com/',
      'https://r.search.yahoo.com/',
      'https://de.search.yahoo.com/',
      'https://nl.search.yahoo.com/',
      'https://search.yahoo.co.jp/',
      'https://www.yahoo.com/',
    ],
  ],
  [
    'Organic Search',
    'Yandex',
    [
      'https://yandex.ru/',
      'https://ya.ru/',
      'https://www.yandex.com.tr/',
      'https://yandex.kz/',
      'https://yandex.com/',
    ],
  ],
  ['Organic Search', 'Baidu', ['https://www.baidu.com/', 'https://m.baidu.com/', 'https://baidu.com/']],
  ['Organic Search', 'Ecosia', ['https://www.ecosia.org/', 'https://ecosia.org/search']],
  ['Organic Search', 'Brave', ['https://search.brave.com/']],
  ['Organic Search', 'Qwant', ['https://www.qwant.com/', 'https://lite.qwant.com/']],
  ['Organic Search', 'Startpage', ['https://www.startpage.com/', 'https://eu-browse.startpage.com/']],
  ['Organic Search', 'Kagi', ['https://kagi.com/']],
  ['Organic Search', 'Naver', ['https://search.naver.com/', 'https://m.search.naver.com/']],
  ['Organic Search', 'Daum', ['https://search.daum.net/', 'https://m.search.daum.net/']],
  ['Organic Search', 'Seznam', ['https://search.seznam.cz/', 'https://www.seznam.cz/']],
  ['Organic Search', 'Sogou', ['https://www.sogou.com/', 'https://m.sogou.com/']],
  ['Organic Search', '360.cn', ['https://www.so.com/', 'https://m.so.com/']],
  ['Organic Search', 'Shenma', ['https://m.sm.cn/', 'https://yz.m.sm.cn/']],
  ['Organic Search', 'AOL', ['https://search.aol.com/']],
  ['Organic Search', 'Ask', ['https://www.ask.com/']],
  ['Organic Search', 'Mojeek', ['https://www.mojeek.com/']],
  ['Organic Search', 'Swisscows', ['https://swisscows.com/']],
  ['Organic Search', 'Presearch', ['https://presearch.com/', 'https://engine.presearch.org/']],
  ['Organic Search', 'Metager', ['https://metager.org/', 'https://metager.de/']],
  ['Organic Search', 'Cốc Cốc', ['https://coccoc.com/search']],
  ['Organic Search', 'Petal Search', ['https://www.petalsearch.com/']],
  ['Organic Search', 'Lilo', ['https://search.lilo.org/']],
  ['Organic Search', 'Mail.ru', ['https://go.mail.ru/']],
  [
    'Organic Social',
    'Facebook',
    [
      'https://www.facebook.com/',
      'https://m.facebook.com/',
      'https://l.facebook.com/',
      'https://lm.facebook.com/l.php',
      'https://fb.me/',
      'android-app://com.facebook.katana/',
    ],
  ],
  [
    'Organic Social',
    'Instagram',
    ['https://www.instagram.com/', 'https://l.instagram.com/', 'android-app://com.instagram.android/'],
  ],
  [
    'Organic Social',
    'Threads',
    ['https://www.threads.net/', 'https://l.threads.net/', 'https://www.threads.com/'],
  ],
  ['Organic Social', 'Threads', ['https://l.threads.com/', 'android-app://com.instagram.barcelona']],
  [
    'Organic Social',
    'X (Twitter)',
    ['https://t.co/x1', 'https://x.com/', 'https://twitter.com/', 'https://mobile.twitter.com/'],
  ],
  ['Organic Social', 'X (Twitter)', ['android-app://com.twitter.android/']],
  [
    'Organic Social',
    'LinkedIn',
    ['https://www.linkedin.com/', 'https://lnkd.in/x', 'android-app://com.linkedin.android/'],
  ],
  [
    'Organic Social',
    'Reddit',
    [
      'https://www.reddit.com/',
      'https://old.reddit.com/',
      'https://out.reddit.com/',
      'https://amp.reddit.com/',
      'android-app://com.reddit.frontpage/',
    ],
  ],
  [
    'Organic Social',
    'Pinterest',
    [
      'https://www.pinterest.com/',
      'https://www.pinterest.de/',
      'https://pin.it/1',
      'https://www.pinterest.co.uk/',
    ],
  ],
  ['Organic Social', 'TikTok', ['https://www.tiktok.com/', 'https://vm.tiktok.com/']],
  ['Organic Social', 'Snapchat', ['https://www.snapchat.com/', 'android-app://com.snapchat.android/']],
  ['Organic Social', 'Bluesky', ['https://bsky.app/', 'https://go.bsky.app/x']],
  [
    'Organic Social',
    'Mastodon',
    [
      'https://mastodon.social/',
      'https://hachyderm.io/',
      'https://fosstodon.org/',
      'https://infosec.exchange/',
      'https://mas.to/',
      'https://mastodon.online/',
      'https://troet.cafe/',
      'https://piaille.fr/',
      'android-app://org.joinmastodon.android/',
    ],
  ],
  ['Organic Social', 'Lemmy', ['https://lemmy.world/', 'https://lemmy.ml/']],
  [
    'Organic Social',
    'Hacker News',
    ['https://news.ycombinator.com/item?id=1', 'https://news.ycombinator.com/'],
  ],
  ['Organic Social', 'Lobsters', ['https://lobste.rs/s/x']],
  ['Organic Social', 'GitHub', ['https://github.com/', 'https://gist.github.com/']],
  ['Organic Social', 'StackOverflow', ['https://stackoverflow.com/questions/1']],
  ['Organic Social', 'Quora', ['https://www.quora.com/', 'https://fr.quora.com/']],
  ['Organic Social', 'Tumblr', ['https://www.tumblr.com/', 'https://t.umblr.com/']],
  [
    'Organic Social',
    'Telegram',
    ['https://t.me/s', 'https://web.telegram.org/', 'https://webk.telegram.org/'],
  ],
  ['Organic Social', 'Telegram', ['android-app://org.telegram.messenger/']],
  ['Organic Social', 'WhatsApp', ['https://web.whatsapp.com/', 'https://wa.me/', 'https://l.wl.co/']],
  ['Organic Social', 'Messenger', ['https://www.messenger.com/', 'https://l.messenger.com/']],
  [
    'Organic Social',
    'Discord',
    ['https://discord.com/', 'https://canary.discord.com/', 'https://discord.gg/x'],
  ],
  ['Organic Social', 'Slack', ['https://app.slack.com/', 'android-app://com.Slack/']],
  [
    'Organic Social',
    'Microsoft Teams',
    ['https://teams.microsoft.com/', 'https://statics.teams.cdn.office.net/', 'https://teams.live.com/'],
  ],
  ['Organic Social', 'Vkontakte', ['https://vk.com/', 'https://away.vk.com/', 'https://m.vk.com/']],
  ['Organic Social', 'Odnoklassniki', ['https://ok.ru/', 'https://m.ok.ru/']],
  ['Organic Social', 'Weibo', ['https://weibo.com/', 'https://m.weibo.com/', 'https://t.cn/x']],
  ['Organic Social', 'WeChat', ['https://mp.weixin.qq.com/', 'https://weixin110.qq.com/']],
  ['Organic Social', 'Zhihu', ['https://www.zhihu.com/', 'https://link.zhihu.com/']],
  ['Organic Social', 'Xiaohongshu', ['https://www.xiaohongshu.com/']],
  ['Organic Social', 'XING', ['https://www.xing.com/']],
  ['Organic Social', 'Nextdoor', ['https://nextdoor.com/', 'https://nextdoor.co.uk/']],
  ['Organic Social', 'Truth Social', ['https://truthsocial.com/']],
  ['Organic Social', 'producthunt.com', ['https://www.producthunt.com/']],
  ['Organic Social', 'medium.com', ['https://medium.com/']],
  ['Organic Social', 'tripadvisor.com', ['https://www.tripadvisor.com/']],
  ['Organic Social', 'Disqus', ['https://disqus.com/']],
  ['Organic Social', 'Flipboard', ['https://flipboard.com/']],
  ['Organic Video', 'Youtube', ['https://www.youtube.com/', 'https://m.youtube.com/', 'https://youtu.be/x']],
  ['Organic Video', 'Youtube', ['https://music.youtube.com/', 'android-app://com.google.android.youtube/']],
  ['Organic Video', 'Vimeo', ['https://vimeo.com/', 'https://player.vimeo.com/']],
  ['Organic Video', 'twitch.tv', ['https://www.twitch.tv/']],
  ['Organic Video', 'dailymotion.com', ['https://www.dailymotion.com/']],
  ['Organic Video', 'Bilibili', ['https://www.bilibili.com/', 'https://m.bilibili.com/']],
  ['Organic Video', 'Rumble', ['https://rumble.com/']],
  ['AI Assistants', 'ChatGPT', ['https://chatgpt.com/', 'https://chat.openai.com/']],
  ['AI Assistants', 'Perplexity', ['https://www.perplexity.ai/', 'https://pplx.ai/x']],
  ['AI Assistants', 'Claude', ['https://claude.ai/']],
  ['AI Assistants', 'Google Gemini', ['https://gemini.google.com/', 'https://bard.google.com/']],
  [
    'AI Assistants',
    'Microsoft Copilot',
    ['https://copilot.microsoft.com/', 'https://edgeservices.bing.com/', 'https://copilot.cloud.microsoft/'],
  ],
  ['AI Assistants', 'DeepSeek', ['https://chat.deepseek.com/', 'https://www.deepseek.com/']],
  ['AI Assistants', 'Grok', ['https://grok.com/', 'https://x.ai/']],
  ['AI Assistants', 'Le Chat', ['https://chat.mistral.ai/']],
  ['AI Assistants', 'Meta AI', ['https://www.meta.ai/']],
  ['AI Assistants', 'You.com', ['https://you.com/']],
  ['AI Assistants', 'Phind', ['https://www.phind.com/']],
  ['AI Assistants', 'Poe', ['https://poe.com/']],
  ['AI Assistants', 'NotebookLM', ['https://notebooklm.google.com/']],
  ['AI Assistants', 'Qwen', ['https://chat.qwen.ai/']],
  ['AI Assistants', 'Kimi', ['https://www.kimi.com/']],
  ['AI Assistants', 'Duck.ai', ['https://duck.ai/']],
  ['Email', 'Gmail', ['https://mail.google.com/mail/u/0', 'android-app://com.google.android.gm/']],
  [
    'Email',
    'Outlook.com',
    [
      'https://outlook.live.com/',
      'https://outlook.office.com/',
      'https://outlook.office365.com/',
      'https://nam12.safelinks.protection.outlook.com/',
    ],
  ],
  [
    'Email',
    'Yahoo! Mail',
    ['https://mail.yahoo.com/', 'https://mail.yahoo.de/', 'https://mail.yahoo.co.jp/'],
  ],
  ['Email', 'AOL Mail', ['https://mail.aol.com/']],
  ['Email', 'Proton', ['https://mail.proton.me/']],
  ['Email', 'GMX Mail', ['https://deref-gmx.net/', 'https://navigator.gmx.net/']],
  ['Email', 'Web.de Mail', ['https://deref-web.de/', 'https://3c.web.de/']],
  ['Email', 'T-Online Mail', ['https://email.t-online.de/']],
  ['Email', 'Fastmail', ['https://app.fastmail.com/']],
  ['Email', 'iCloud Mail', ['https://www.icloud.com/mail']],
  ['Email', 'Zoho', ['https://mail.zoho.com/', 'https://mail.zoho.eu/']],
  ['Email', 'Mail.com', ['https://deref-mail.com/']],
  ['Email', 'QQ Mail', ['https://mail.qq.com/']],
  ['Email', '163 Mail', ['https://mail.163.com/']],
  ['Email', 'Seznam Mail', ['https://email.seznam.cz/']],
  ['Email', 'Orange Webmail', ['https://mail.orange.fr/']],
  ['Email', 'Libero Mail', ['https://mail1.libero.it/']],
  [
    'Organic Shopping',
    'Amazon',
    [
      'https://www.amazon.com/',
      'https://www.amazon.de/',
      'https://www.amazon.co.jp/',
      'https://www.amazon.com.mx/',
    ],
  ],
  ['Organic Shopping', 'ebay.com', ['https://www.ebay.com/']],
  ['Organic Shopping', 'ebay.fr', ['https://www.ebay.fr/']],
  ['Organic Shopping', 'etsy.com', ['https://www.etsy.com/']],
  ['Organic Shopping', 'walmart.com', ['https://www.walmart.com/']],
  ['Organic Shopping', 'temu.com', ['https://www.temu.com/']],
  ['Organic Shopping', 'AliExpress', ['https://www.aliexpress.com/', 'https://www.aliexpress.us/']],
  ['Organic Shopping', 'shop.app', ['https://shop.app/']],
  ['Organic Shopping', 'checkout.stripe.com', ['https://checkout.stripe.com/']],
  [
    'Referral',
    'Wikipedia',
    ['https://en.wikipedia.org/', 'https://de.m.wikipedia.org/', 'https://zu.wikipedia.org/'],
  ],
  ['Referral', 'Substack', ['https://substack.com/', 'https://someone.substack.com/']],
  ['Referral', 'Linktree', ['https://linktr.ee/x']],
  ['Referral', 'Apple News', ['https://apple.news/x']],
  ['Referral', 'Microsoft 365', ['https://word-edit.officeapps.live.com/']],
  ['Referral', 'nytimes.com', ['https://www.nytimes.com/']],
  ['Referral', 'dev.to', ['https://dev.to/x']],
  ['Referral', 'blog.example.org', ['https://blog.example.org/2026/11/post/']],
  ['Referral', 'beacons.ai', ['https://beacons.ai/x']],
]
const cases = labelled.flatMap(([channel, source, referrers]) =>
  referrers.map((referrer) => ({ referrer, source, channel })),
)

test('there are at least 120 labelled referrers, none twice', () => {
  expect(new Set(cases.map(({ referrer }) => referrer)).size).toBe(cases.length)
  expect(cases.length).toBeGreaterThanOrEqual(120)
})

describe('a labelled referrer', () => {
  test.each(cases)('$referrer is $source, $channel', ({ referrer, source, channel }) => {
    expect(acquisition({ hostname: 'site.example', query: '', referrer })).toMatchObject({ source, channel })
  })
})

describe('the packaged data', () => {
  const entries = Object.entries(packagedReferrers)

  test(`each of its ${entries.length} hosts and apps gives its source`, () => {
    const wrong = entries.flatMap(([key, { source }]) => {
      const isApp = /^(com|org)\.(?!.*\/)/.test(key)
      const came = acquisition({
        hostname: 'site.example',
        query: '',
        referrer: isApp ? `android-app://${key}` : `https://${key}`,
      })
      const expected = packagedSourceTable.tagged(source)
      return came.source === expected ? [] : [[key, expected, came.source]]
    })
    expect(wrong).toEqual([])
  })
})
