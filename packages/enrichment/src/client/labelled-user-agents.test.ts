/**
 * User agents labelled by hand after the device database's own naming, before they were run through the reader: how often it
 * is right. A row is what is stored and, last, the user agent, in which `{win}` and the like stand for common beginnings.
 */
import { describe, expect, test } from 'vitest'
import { UserAgentReader } from './user-agent-reader.ts'

const beginnings: Readonly<Record<string, string>> = {
  '{win}': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)',
  '{mac}': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)',
  '{macos}': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
  '{linux}': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)',
  '{k}': 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)',
  '{iphone}':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)',
  '{ipad}': 'Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)',
  '{wk}': 'AppleWebKit/537.36 (KHTML, like Gecko)',
}

const labelled = `
# Desktop browsers
Falkon|3.1|GNU/Linux||Desktop|Mozilla/5.0 (X11; Linux x86_64) {wk} Falkon/3.1.0 QtWebEngine/5.15.2 Chrome/83.0.4103.122 Safari/537.36
Qutebrowser|2.5|GNU/Linux||Desktop|{linux} qutebrowser/2.5.2 QtWebEngine/5.15.10 Chrome/87.0.4280.144 Safari/537.36
Huawei Browser|13.0|Windows|10|Desktop|{win} Chrome/99.0.4844.51 Safari/537.36 HBPC/13.0.0.300
Chrome|140.0|Windows|10|Desktop|{win} Chrome/140.0.0.0 Safari/537.36
Chrome|109.0|Windows|7|Desktop|Mozilla/5.0 (Windows NT 6.1; Win64; x64) {wk} Chrome/109.0.0.0 Safari/537.36
Chrome|109.0|Windows|8.1|Desktop|Mozilla/5.0 (Windows NT 6.3; WOW64) {wk} Chrome/109.0.0.0 Safari/537.36
Chrome|49.0|Windows|XP|Desktop|Mozilla/5.0 (Windows NT 5.1) {wk} Chrome/49.0.2623.112 Safari/537.36
Chrome|49.0|Windows|Vista|Desktop|Mozilla/5.0 (Windows NT 6.0) {wk} Chrome/49.0.2623.112 Safari/537.36
Chrome|140.0|Mac|10.15|Desktop|{mac} Chrome/140.0.0.0 Safari/537.36
Chrome|70.0|Mac|10.14|Desktop|Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) {wk} Chrome/70.0.3538.77 Safari/537.36
Chrome|140.0|GNU/Linux||Desktop|{linux} Chrome/140.0.0.0 Safari/537.36
Chrome|120.0|GNU/Linux||Desktop|Mozilla/5.0 (X11; Linux aarch64) {wk} Chrome/120.0.0.0 Safari/537.36
Chromium|120.0|Ubuntu||Desktop|Mozilla/5.0 (X11; Linux x86_64) {wk} Ubuntu Chromium/120.0.6099.71 Chrome/120.0.6099.71 Safari/537.36
Chrome|138.0|Chrome OS|14541.0|Desktop|Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {wk} Chrome/138.0.0.0 Safari/537.36
Chrome|126.0|Chrome OS|15886.44|Desktop|Mozilla/5.0 (X11; CrOS aarch64 15886.44.0) {wk} Chrome/126.0.0.0 Safari/537.36
Firefox|142.0|Windows|10|Desktop|Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0
Firefox|115.0|Windows|7|Desktop|Mozilla/5.0 (Windows NT 6.1; rv:109.0) Gecko/20100101 Firefox/115.0
Firefox|142.0|Mac|10.15|Desktop|Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0
Firefox|142.0|GNU/Linux||Desktop|Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0
Firefox|128.0|Fedora||Desktop|Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
Firefox|102.0|FreeBSD||Desktop|Mozilla/5.0 (X11; FreeBSD amd64; rv:102.0) Gecko/20100101 Firefox/102.0
Firefox|102.0|OpenBSD||Desktop|Mozilla/5.0 (X11; OpenBSD amd64; rv:102.0) Gecko/20100101 Firefox/102.0
Safari|18.5|Mac|10.15|Desktop|{macos} Version/18.5 Safari/605.1.15
Safari|26.0|Mac|10.15|Desktop|{macos} Version/26.0 Safari/605.1.15
Safari|13.1|Mac|10.15|Desktop|Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1 Safari/605.1.15
Safari|5.1|Windows|7|Desktop|Mozilla/5.0 (Windows; U; Windows NT 6.1; en-US) AppleWebKit/533.20.25 (KHTML, like Gecko) Version/5.1.7 Safari/533.20.27
Microsoft Edge|140.0|Windows|10|Desktop|{win} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0
Microsoft Edge|18.17763|Windows|10|Desktop|{win} Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763
Microsoft Edge|139.0|Mac|10.15|Desktop|{mac} Chrome/139.0.0.0 Safari/537.36 Edg/139.0.3405.86
Microsoft Edge|139.0|GNU/Linux||Desktop|{linux} Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0
Internet Explorer|11.0|Windows|10|Desktop|Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko
Internet Explorer|9.0|Windows|7|Desktop|Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)
Internet Explorer|8.0|Windows|XP|Desktop|Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)
Opera|121.0|Windows|10|Desktop|{win} Chrome/137.0.0.0 Safari/537.36 OPR/121.0.0.0
Opera|118.0|Mac|10.15|Desktop|{mac} Chrome/133.0.0.0 Safari/537.36 OPR/118.0.0.0
Opera|12.16|Windows|7|Desktop|Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.16
Opera GX|95.0|Windows|10|Desktop|{win} Chrome/109.0.0.0 Safari/537.36 OPX/95.0.4635.90
Vivaldi|6.5|Windows|10|Desktop|{win} Chrome/120.0.0.0 Safari/537.36 Vivaldi/6.5.3206.53
Yandex Browser|25.8|Windows|10|Desktop|{win} Chrome/138.0.0.0 YaBrowser/25.8.0.0 Safari/537.36
Yandex Browser|24.1|Mac|10.15|Desktop|{mac} Chrome/118.0.0.0 YaBrowser/24.1.0.0 Safari/537.36
DuckDuckGo Privacy Browser|18.5|Mac|10.15|Desktop|{macos} Version/18.5 Safari/605.1.15 Ddg/18.5
Whale Browser|4.31|Windows|10|Desktop|{win} Chrome/134.0.0.0 Whale/4.31.304.16 Safari/537.36
Coc Coc|117.0|Windows|10|Desktop|{win} coc_coc_browser/117.0.166 Chrome/111.0.5563.166 Safari/537.36
QQ Browser|12.0|Windows|10|Desktop|{win} Chrome/94.0.4606.71 Safari/537.36 Core/1.94.197.400 QQBrowser/12.0.5460.400
Sogou Explorer|1.0|Windows|10|Desktop|Mozilla/5.0 (Windows NT 10.0; WOW64) {wk} Chrome/80.0.3987.87 Safari/537.36 SE 2.X MetaSr 1.0
Avast Secure Browser|131.0|Windows|10|Desktop|{win} Chrome/131.0.0.0 Safari/537.36 Avast/131.0.0.0
AVG Secure Browser|131.0|Windows|10|Desktop|{win} Chrome/131.0.0.0 Safari/537.36 AVG/131.0.0.0
CCleaner|131.0|Windows|10|Desktop|{win} Chrome/131.0.0.0 Safari/537.36 CCleaner/131.0.0.0
Avira Secure Browser|131.0|Windows|10|Desktop|{win} Chrome/131.0.0.0 Safari/537.36 Avira/131.0.0.0
Norton Private Browser|131.0|Windows|10|Desktop|{win} Chrome/131.0.0.0 Safari/537.36 Norton/131.0.0.0
SeaMonkey|2.53|Windows|10|Desktop|Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:91.0) Gecko/20100101 Firefox/91.0 SeaMonkey/2.53.18
Pale Moon|33.3|GNU/Linux||Desktop|Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Goanna/6.7 Firefox/102.0 PaleMoon/33.3.1
Waterfox|56.2|Windows|10|Desktop|Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:56.0) Gecko/20100101 Firefox/56.0 Waterfox/56.2.14
Konqueror|5.0|GNU/Linux||Desktop|Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/534.34 (KHTML, like Gecko) konqueror/5.0.97 Safari/534.34
Falkon|23.08|GNU/Linux||Desktop|Mozilla/5.0 (X11; Linux x86_64) {wk} Falkon/23.08.1 Chrome/87.0.4280.144 Safari/537.36
GNOME Web|3.36|Ubuntu||Desktop|Mozilla/5.0 (X11; Ubuntu; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15 Epiphany/3.36.4
LibreWolf|128.0|GNU/Linux||Desktop|Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 LibreWolf/128.0
Iron|120.0|Windows|10|Desktop|{win} Chrome/120.0.6150.0 Safari/537.36 Iron/120.0.6150.0
Maxthon|7.1|Windows|10|Desktop|{win} Chrome/122.0.6261.91 Safari/537.36 Maxthon/7.1.8.6001
Chrome|120.0|Mac|10.15|Desktop|Mozilla/5.0 (Macintosh; PPC Mac OS X 10_15_7) {wk} Chrome/120.0.0.0 Safari/537.36
# Phones
Chrome|140.0|Android|10|Mobile|{k} Chrome/140.0.0.0 Mobile Safari/537.36
Chrome|120.0|Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; SM-S918B) {wk} Chrome/120.0.0.0 Mobile Safari/537.36
Chrome|96.0|Android|8.1|Mobile|Mozilla/5.0 (Linux; Android 8.1.0; Redmi 6A) {wk} Chrome/96.0.4664.104 Mobile Safari/537.36
Chrome|75.0|Android|4.4|Mobile|Mozilla/5.0 (Linux; Android 4.4.2; GT-I9505) {wk} Chrome/75.0.3770.101 Mobile Safari/537.36
Chrome|140.0|iOS|18.6|Mobile|{iphone} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1
Safari|18.6|iOS|18.6|Mobile|{iphone} Version/18.6 Mobile/15E148 Safari/604.1
Safari|9.0|iOS|9.3|Mobile|Mozilla/5.0 (iPhone; CPU iPhone OS 9_3_5 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Version/9.0 Mobile/13G36 Safari/601.1
Safari|26.0|iOS|18.6|Mobile|{iphone} Version/26.0 Mobile/15E148 Safari/604.1
Firefox|142.0|Android|14|Mobile|Mozilla/5.0 (Android 14; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0
Firefox|142.0|iOS|18.6|Mobile|{iphone} FxiOS/142.0 Mobile/15E148 Safari/605.1.15
Firefox Focus|8.0|iOS|18.6|Mobile|{iphone} Focus/8.0 Mobile/15E148 Safari/605.1.15
Microsoft Edge|139.0|Android|10|Mobile|{k} Chrome/139.0.0.0 Mobile Safari/537.36 EdgA/139.0.0.0
Microsoft Edge|139.0|iOS|18.6|Mobile|{iphone} Version/18.0 EdgiOS/139.0.3405.86 Mobile/15E148 Safari/605.1.15
Samsung Browser|28.0|Android|10|Mobile|{k} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36
Samsung Browser|7.4|Android|8.0|Mobile|Mozilla/5.0 (Linux; Android 8.0.0; SAMSUNG SM-G950F Build/R16NW) {wk} SamsungBrowser/7.4 Chrome/59.0.3071.125 Mobile Safari/537.36
Opera|91.0|Android|10|Mobile|{k} Chrome/138.0.0.0 Mobile Safari/537.36 OPR/91.0.0.0
Opera|36.2|Android||Mobile|Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; en) Presto/2.12.423 Version/12.16
Opera|16.0|iOS|18.6|Mobile|{iphone} OPiOS/16.0.15.124050 Mobile/15E148 Safari/9537.53
Opera Touch|4.4|iOS|18.6|Mobile|{iphone} Version/18.6 Mobile/15E148 Safari/604.1 OPT/4.4.1
Yandex Browser|25.6|Android|14|Mobile|Mozilla/5.0 (Linux; arm_64; Android 14; SM-A546E) {wk} Chrome/136.0.7103.180 YaBrowser/25.6.6.180.00 SA/3 Mobile Safari/537.36
Yandex Browser|25.8|iOS|18.6|Mobile|{iphone} Version/18.0 YaBrowser/25.8.1.470.10 SA/3 Mobile/15E148 Safari/604.1
UC Browser|13.4|Android|11|Mobile|Mozilla/5.0 (Linux; U; Android 11; en-US; RMX3231 Build/RP1A.201005.001) {wk} Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.4.0.1306 Mobile Safari/537.36
MIUI Browser|14.20|Android|13|Mobile|Mozilla/5.0 (Linux; U; Android 13; en-us; 2201117TG Build/TKQ1.221114.001) {wk} Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.20.0-gn
Huawei Browser Mobile|15.0|Android|12|Mobile|Mozilla/5.0 (Linux; Android 12; NAM-LX9) {wk} Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36
HeyTapBrowser|45.11|Android|13|Mobile|Mozilla/5.0 (Linux; U; Android 13; en-us; CPH2207 Build/TP1A.220905.001) {wk} Version/4.0 Chrome/115.0.5790.168 Mobile Safari/537.36 HeyTapBrowser/45.11.5.1
vivo Browser|13.9|Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; V2130 Build/TP1A.220624.014; wv) {wk} Version/4.0 Chrome/87.0.4280.141 Mobile Safari/537.36 VivoBrowser/13.9.0.5
DuckDuckGo Privacy Browser|5|Android|10|Mobile|{k} Version/4.0 Chrome/140.0.0.0 Mobile DuckDuckGo/5 Safari/537.36
DuckDuckGo Privacy Browser|18.6|iOS|18.6|Mobile|{iphone} Version/18.6 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15 Ddg/18.6
Brave|1.68|iOS|18.6|Mobile|{iphone} Version/18.6 Brave/1.68 Mobile/15E148 Safari/604.1
Ecosia|140.0|Android|10|Mobile|{k} Chrome/140.0.0.0 Mobile Safari/537.36 (Ecosia android@140.0.7339.51)
Ecosia|11.1|iOS|18.6|Mobile|{iphone} Version/18.6 Mobile/15E148 Safari/604.1 (Ecosia ios@11.1.0.2102)
Aloha Browser|5.10|Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; SM-A515F) {wk} Chrome/120.0.6099.144 Mobile Safari/537.36 AlohaBrowser/5.10.2
Phoenix Browser|16.7|Android|12|Mobile|Mozilla/5.0 (Linux; Android 12; TECNO KI5k) {wk} Version/4.0 Chrome/107.0.5304.141 Mobile Safari/537.36 PHX/16.7
Mint Browser|3.9|Android|9|Mobile|Mozilla/5.0 (Linux; U; Android 9; en-us; Redmi Note 8 Build/PKQ1.190616.001) {wk} Version/4.0 Chrome/89.0.4389.116 Mobile Safari/537.36 XiaoMi/Mint Browser/3.9.3
Android Browser||Android|4.0|Mobile|Mozilla/5.0 (Linux; U; Android 4.0.3; en-us; GT-I9100 Build/IML74K) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30
IE Mobile|11.0|Windows Phone|8.1|Mobile|Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; Touch; rv:11.0; IEMobile/11.0; NOKIA; Lumia 520) like iPhone OS 7_0_3 Mac OS X AppleWebKit/537 (KHTML, like Gecko) Mobile Safari/537
Microsoft Edge|15.15063|Windows Phone|10.0|Mobile|Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) {wk} Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063
Firefox|48.0|KaiOS|2.5|Mobile|Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5
BlackBerry Browser|10.3|BlackBerry OS|10.3|Mobile|Mozilla/5.0 (BB10; Touch) AppleWebKit/537.35+ (KHTML, like Gecko) Version/10.3.2.2639 Mobile Safari/537.35+
Chrome|114.0|HarmonyOS||Mobile|Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00; HMSCore 6.13.0.302) {wk} Chrome/114.0.5735.196 Mobile Safari/537.36
Puffin|9.9|Android|10|Mobile|Mozilla/5.0 (Linux; Android 10; SM-A505F; en-us) {wk} Chrome/105.0.5195.136 Mobile Safari/537.36 Puffin/9.9.0.51554AP
Quark|7.4|Android|12|Mobile|Mozilla/5.0 (Linux; U; Android 12; zh-CN; M2012K11AC Build/SKQ1.211006.001) {wk} Version/4.0 Chrome/100.0.4896.58 Quark/7.4.0.710 Mobile Safari/537.36
QQ Browser|15.1|Android|13|Mobile|Mozilla/5.0 (Linux; U; Android 13; zh-cn; 22081212C Build/TKQ1.220829.002) {wk} Version/4.0 Chrome/109.0.5414.86 MQQBrowser/15.1 Mobile Safari/537.36
Safari|12.1|iOS|12.5|Mobile|Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1
# Tablets
Safari|18.6|iPadOS|18.6|Tablet|{ipad} Version/18.6 Mobile/15E148 Safari/604.1
Safari|12.1|iOS|12.5|Tablet|Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1
Chrome|140.0|iPadOS|18.6|Tablet|{ipad} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1
Chrome|140.0|Android|10|Tablet|{k} Chrome/140.0.0.0 Safari/537.36
Chrome|120.0|Android|13|Tablet|Mozilla/5.0 (Linux; Android 13; SM-X906C) {wk} Chrome/120.0.0.0 Safari/537.36
Samsung Browser|23.0|Android|13|Tablet|Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-T870) {wk} SamsungBrowser/23.0 Chrome/115.0.0.0 Safari/537.36
Firefox|142.0|Android|14|Tablet|Mozilla/5.0 (Android 14; Tablet; rv:142.0) Gecko/142.0 Firefox/142.0
Mobile Silk|112.5|Fire OS|7|Tablet|Mozilla/5.0 (Linux; Android 9; KFTRWI) {wk} Silk/112.5.1 like Chrome/112.0.5615.213 Safari/537.36
Mobile Silk|98.1|Fire OS|7|Tablet|Mozilla/5.0 (Linux; Android 9; KFKAWI) {wk} Silk/98.1.148 like Chrome/98.0.4758.101 Safari/537.36
Chrome|87.0|Android|9|Tablet|Mozilla/5.0 (Linux; Android 9; Lenovo TB-8505F) {wk} Chrome/87.0.4280.141 Safari/537.36
Internet Explorer|10.0|Windows|8|Tablet|Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Win64; x64; Trident/6.0; Touch)
Chrome|110.0|Android|12|Tablet|Mozilla/5.0 (Linux; Android 12; Pixel C) {wk} Chrome/110.0.0.0 Safari/537.36
# Applications
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0.50;FBBV/1;FBDV/iPhone14,5]
Mobile App||Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A.220624.014; wv) {wk} Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/500.0.0.50;]
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 Instagram 390.0.0.28.85 (iPhone14,5; iOS 18_6; en_US)
Mobile App||Android|14|Mobile|Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A.231005.007; wv) {wk} Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36 Instagram 390.0.0.43.81 Android
Mobile App||iOS|18.6|Mobile|{iphone} GSA/380.0.788317806 Mobile/15E148 Safari/604.1
Mobile App||Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A; wv) {wk} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36 GSA/15.34.31.28.arm64
Mobile App|140.0|Android|14|Mobile|Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A; wv) {wk} Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36
Mobile App|33.0|Android|4.4|Mobile|Mozilla/5.0 (Linux; Android 4.4.4; XT1032 Build/KXB21.14) {wk} Version/4.0 Chrome/33.0.0.0 Mobile Safari/537.36
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 MicroMessenger/8.0.50(0x1800322b) NetType/WIFI Language/en
Mobile App||Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; V2227A Build/TP1A; wv) {wk} Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 Safari Line/14.16.0
Mobile App||Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; SO-51C Build/61; wv) {wk} Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 Line/13.20.0/IAB
Mobile App||iOS|18.6|Mobile|{iphone} Version/18.6 Mobile/15E148 Snapchat/13.10.0.40 (like Safari/8621.2.5.10.10, panda)
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 [Pinterest/iOS]
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 [LinkedInApp]/9.31.1
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 Twitter for iPhone/10.60
Mobile App||Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A; wv) {wk} Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 TwitterAndroid
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 musical_ly_38.4.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/en Region/US BytedanceWebview/d8a21c6
Mobile App||Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A; wv) {wk} Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 trill_340403 BytedanceWebview/d8a21c6
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 KAKAOTALK 10.8.4
Mobile App||iOS|18.6|Mobile|{iphone} Mobile/15E148 NAVER(inapp; search; 1180; 12.10.4)
Mobile App||Android|13|Mobile|Mozilla/5.0 (Linux; Android 13; PGBM10 Build/TP1A; wv) {wk} Version/4.0 Chrome/97.0.4692.98 Mobile Safari/537.36 T7/13.35 baiduboxapp/13.35.0.10
Mobile App||Windows|10|Desktop|{win} Chrome/124.0.6367.243 Electron/30.4.0 Safari/537.36
Mobile App||Windows|10|Desktop|{win} discord/1.0.9159 Chrome/124.0.6367.243 Electron/30.2.0 Safari/537.36
Safari||iOS|18.6|Mobile|{iphone} Mobile/15E148
# Televisions
Chrome|79.0|webOS|6|Desktop|Mozilla/5.0 (Web0S; Linux/SmartTV) {wk} Chrome/79.0.3945.79 Safari/537.36 WebAppManager
Chrome|68.0|webOS|5|Desktop|Mozilla/5.0 (Web0S; Linux/SmartTV) {wk} Chrome/68.0.3440.106 Safari/537.36 WebAppManager
Chrome|53.0|webOS|4|Desktop|Mozilla/5.0 (Web0S; Linux/SmartTV) {wk} Chrome/53.0.2785.34 Safari/537.36 WebAppManager
Samsung Browser|4.0|Tizen|6.0|Desktop|Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) {wk} SamsungBrowser/4.0 Chrome/76.0.3809.146 TV Safari/537.36
Samsung Browser|2.1|Tizen|4.0|Desktop|Mozilla/5.0 (SMART-TV; LINUX; Tizen 4.0) AppleWebKit/538.1 (KHTML, like Gecko) SamsungBrowser/2.1 TV Safari/538.1
Chrome|90.0|Android|9|Desktop|Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR2) {wk} Chrome/90.0.4430.91 Safari/537.36
Mobile App|88.0|Android|9|Desktop|Mozilla/5.0 (Linux; Android 9; SHIELD Android TV Build/PPR1.180610.011; wv) {wk} Version/4.0 Chrome/88.0.4324.93 Mobile Safari/537.36
Mobile Silk|108.4|Fire OS|7|Desktop|Mozilla/5.0 (Linux; Android 9; AFTKA) {wk} Silk/108.4.6 like Chrome/108.0.5359.160 Safari/537.36
Chrome|91.0|Android|9|Desktop|Mozilla/5.0 (Linux; Android 9; MIBOX4) {wk} Chrome/91.0.4472.114 Safari/537.36
Chrome|86.0|Android|10|Desktop|Mozilla/5.0 (Linux; Android 10; Chromecast) {wk} Chrome/86.0.4240.225 Safari/537.36 CrKey/1.56.500000 DeviceType/AndroidTV
Safari|9.0|tvOS|16.1|Desktop|AppleTV11,1/16.1 AppleWebKit/601.1 (KHTML, like Gecko) Version/9.0 Safari/601.1
||Roku OS|12.5|Desktop|Roku/DVP-12.5 (12.5.0.4178-46)
||Roku OS|6.2|Desktop|Mozilla/5.0 (QSP; Roku; AP; 6.2.80.2752)
TV Bro|1.0|Android|9|Desktop|TV Bro/1.0 Mozilla/5.0 (Linux; Android 9; BLAUPUNKT 4K Android TV Build/PTO6.200304.001; wv) {wk} Version/4.0 Chrome/88.0.4324.93 Safari/537.36
Yandex Browser|24.1|Android|11|Desktop|Mozilla/5.0 (Linux; Android 11; HC50USY26F Build/RD2A.211001.002; wv) {wk} Version/4.0 Chrome/113.0.5672.163 YaBrowser/24.1.2.86 (lite) TV Safari/537.36
QtWebEngine|5.6|GNU/Linux||Desktop|BrightSign/7.0.60 (XT1143) Mozilla/5.0 (Unknown; Linux arm) {wk} QtWebEngine/5.6.0 Chrome/45.0.2454.101 Safari/537.36
Mobile App|83.0|Android|11|Desktop|Mozilla/5.0 (Linux; Android 11; Solo 8K Build/RD2A.211001.002) {wk} Version/4.0 Chrome/83.0.4103.120 Mobile Safari/537.36
Chrome|90.0|Android|9|Desktop|Mozilla/5.0 (Linux; Android 9; 32H700GU) {wk} Chrome/90.0.4430.82 Safari/537.36
# Consoles
NetFront||PlayStation|5|Desktop|Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15
NetFront||PlayStation|4|Desktop|Mozilla/5.0 (PlayStation 4 9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)
NetFront||PlayStation|3|Desktop|Mozilla/5.0 (PLAYSTATION 3 4.46) AppleWebKit/531.22.8 (KHTML, like Gecko)
Mobile Silk|3.2|PlayStation Portable|Vita|Desktop|Mozilla/5.0 (PlayStation Vita 3.01) AppleWebKit/536.26 (KHTML, like Gecko) Silk/3.2
NetFront||Nintendo|Wii|Desktop|Mozilla/5.0 (Nintendo WiiU) AppleWebKit/534.52 (KHTML, like Gecko) NX/2.1.0.8.21 NintendoBrowser/1.0.0.7494.US
NetFront||Nintendo Mobile|3DS|Desktop|Mozilla/5.0 (Nintendo 3DS; U; ; en) Version/1.7498.EU
NetFront||Nintendo Switch||Desktop|Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/606.4 (KHTML, like Gecko) NF/6.0.1.15.4 NintendoBrowser/5.1.0.20393
Opera|9.30|Nintendo|Wii|Desktop|Opera/9.30 (Nintendo Wii; U; ; 3642; en)
Microsoft Edge|44.18363|Windows|10|Desktop|Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) {wk} Chrome/64.0.3282.140 Safari/537.36 Edge/44.18363.8131
Internet Explorer|10.0|Windows|8|Desktop|Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0; Xbox; Xbox One)
# Cars, wearables, readers
QtWebEngine|5.13|GNU/Linux||Tablet|Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/601.1 (KHTML, like Gecko) Tesla QtCarBrowser Safari/601.1 QtWebEngine/5.13.2
Samsung Browser|20.2|Android|11|Mobile|Mozilla/5.0 (Linux; Android 11; SAMSUNG SM-R890) {wk} SamsungBrowser/20.2 Chrome/106.0.5249.126 Mobile Safari/537.36
Oculus Browser|33.2|Android|12|Mobile|Mozilla/5.0 (X11; Linux x86_64; Quest 3; Android 12) {wk} OculusBrowser/33.2.0.0.89 SamsungBrowser/4.0 Chrome/124.0.6367.118 VR Safari/537.36
# Nothing to see
|||||
|||||hello world
|||||-
`

interface Row {
  readonly expected: readonly string[]
  readonly userAgent: string
}

const columns = ['browser', 'browserVersion', 'os', 'osVersion', 'device'] as const

const rows: readonly Row[] = labelled
  .trim()
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .map((line) => {
    const fields = line.split('|')
    const written = fields.slice(columns.length).join('|')
    const userAgent = written.replace(/\{\w+\}/g, (name) => beginnings[name] ?? name)
    return { expected: fields.slice(0, columns.length), userAgent }
  })

describe('of user agents labelled by hand', () => {
  const reader = new UserAgentReader()
  const found = rows.map((row) => ({ ...row, facts: reader.read(row.userAgent) }))

  test.each(columns.map((column, index) => [column, index] as const))('%s is right', (column, index) => {
    const wrong = found.flatMap(({ expected, userAgent, facts }) =>
      facts[column] === expected[index] ? [] : [`${facts[column]} is ${expected[index] ?? ''}: ${userAgent}`],
    )
    const share = 1 - wrong.length / rows.length
    expect(share, wrong.join('\n')).toBeGreaterThanOrEqual(0.98)
  })

  test('there are enough to say so', () => {
    expect(rows.length).toBeGreaterThanOrEqual(150)
  })
})
