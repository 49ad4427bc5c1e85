/** Names of crawlers, for the column `bot_reason`; they decide nothing. */

/**
 * The patterns of crawler-user-agents 1.60.0 that are plain names (MIT, (c) 2017 Martin Monperrus; its licence stands in
 * crawler-user-agents.txt), and some that it writes as expressions. The table is closed, so that no client can fill the column
 * with words of its own; it is not used to tell bots, as it calls phones bots too (an Android build id, `Viber`, in-app
 * browsers).
 */
const table = `
007ac9 Crawler|2ip bot|2ip.ru|360Spider|7Siters|A Patent Crawler|A360-Search|A6-Indexer|AASA-Bot|ABEvalBot|Aboundex
abuse.xmco.fr|AcademicBotRTU|acapbot|Accessible Web Bot|AccessStatus|acoonbot|Acquia optimize|ActiveComply|Acunetix
AdagioBot|adbeat_bot|AddSearchBot|AddThis|Adidxbot|AdkernelTopicCrawler|ADmantX|AdminLabs|AdsBot-Google
AdsBot-Google-Mobile|AdsBot-IAB|adscanner|AdsTxtCrawler|advanced_crawler|AdvBot|Adventurer|AGAKIDSBOT
AgencyAnalyticsBot|AhrefsBot|AhrefsSiteAudit|AI2Bot|aiHitBot|AISearchBot|AkismetBot|AlertSite|alexa site audit
Alexabot|AlexandriaOrgBot|Algolia Crawler|alienfarm|ALittle Client|AliyunSecBot|AllAfrica|allOrigins|AlphaBot
Amazing-SearchBot|Amazon-Bedrock-AgentCore-Browser|AmazonAdBot|Amazonbot|AmazonBuyForMe|AmazonProductDiscovery
AmazonSellerInitiatedListing|Amzn-SearchBot|Amzn-User|Anchor Browser|AndersPinkBot|Anomura|anthropic-ai|antibot
AnyEvent|Apercite|ApifyBot|ApifyWebsiteContentCrawler|APIs-Google|AppEngine-Google|AppInsights|Applebot
AppSiteAssociation|arabot|Aragog|Aranea|Aranet-SearchBot|Archive-It|archive.org_bot|ArchiveBot|ArchiveBox
ArenaUnfurlBot|Arquivo-web-crawler|ArquivoBot|artemis web reader|ArtemisBot|Asana|asnriskscorer|AspiegelBot
atlassian-bot|Atom Feed Robot|Attracta|AtVowBot|AudigentAdBot|Audisto Crawler|AudistoBot|Authory
Autoconfig Test from USTC|Automaton|AwarioBot|AwarioRendererBot|AwarioRssBot|AwarioSmartBot|awesomecrawler
AzureAI-SearchBot|B2B Bot|backlinkcrawler|Bad Neighborhood Header Detector|Baidu-YunGuanCe|BaiduAdsBot|Baiduspider
Barkrowler|BazQux|BDBot|BDCbot|BDFetch|BeeperBot|BehloolBot|BestChange|betaBot|Better Uptime Bot|BetterUptimeBot
bidswitchbot|BIGLOTRON|bigsur.ai|BigUpDataBot|BinaryCanary|bingbot|BingPreview|binlar|BitBot|Bitbucket-Webhooks
bitdiscovery|bitlybot|BitSightBot|bl.uk_lddc_bot|bl.uk_ldfc_bot|Blackboard|Blackbox Exporter|BlackDuck-FD|blekkobot
BLEXBot|Bling ERP|BlingERP|Blockaid|Bloglines|blogmuraBot|Blogtrottr|BlogVault|BLP_bbot|Bluesky
bluesky-domain-status-classifier|BlueskyPreviewBot|bne.es_bot|bnf.fr_bot|BnFBot|BoardGamePricesBot|BomboraBot|botify
BotPoke|BoxcarBot|br-crawler|brainobot|BrandONbot|BrandVerity|Brandwatch|BraveBot|Brightbot|BrightEdge Crawler
BrowserBot-Observer|BTWebClient|BUbiNG|BublupBot|Buck|BuddyBot|BufferLinkPreviewBot|Bugsnag|Bushbaby|Buttondown
buzzbot|Bytespider|CaliberBot|Caliperbot|CapitalOneBot|CapitalOneShopping|CapsuleChecker|CapterraBot
carbon-umbrella-bot|careerbot|Catchpoint|caveman-hunter|CC Metadata Scaper|CCBot|CDSCbot|CensysInspect|CentComBot
Centro Ads.txt Crawler|centuryb.o.t9|centurybot|CERT PL|CertChief|certytags|changedetection|channable|Channel3Bot
ChargeBeeBot|Charlotte|ChatGLM-Spider|ChatGPT-User|Chatwork LinkPreview|check_http|CheckHost|Checkly|CheckMarkNetwork
Chirp|Chrome-Lighthouse|Cincraw|CirrusExplorer|CISPA Webcrawler|citeseerxbot|Citoid|ClarityBot|CLASSLA-web
Claude-SearchBot|Claude-User|Claude-Web|ClaudeBot|Clearscopebot|Clickagy|ClickUpLinkUnfurler|Cliqzbot
CloudFlare-AlwaysOnline|Cloudflare-AutoRAG|cloudflare-csup|Cloudflare-Healthchecks|CloudFlare-Prefetch
Cloudflare-Radar-Scanner|Cloudflare-SpeedTest|Cloudflare-SSLDetector|Cloudflare-Stream-Hook|Cloudflare-Stream-Webhook
Cloudflare-Traffic-Manager|Cloudflare-Validator|CloudflareRadarURLScanner|Cloudtrellis|CMSChecker|coccoc|Cocolyzebot
CodaBot|cognitiveSEO Bot|cohere-ai|cohere-training-data-crawler|Collapsify|CommaFeed|Companybook-Crawler
content crawler spider|contentkingapp|ContextAd Bot|contxbot|convera|Convermax|cookie-maestro|Cookiebot|CookieHub Bot
CookieHubScan|CookieHubVerify|CookieYesbot|Corporama matcher|Cotoyogi|Coveobot|Cozi-iCalendar-FeedReader|crawl4ai
crawler4j|crawler_eb_germany|Crawlson|CrawlyProjectCrawler|Crazy Egg|CriteoBot|Critical CSS Bot|Cronless|CrunchBot
crusty|CrystalSemanticsBot|csirt.cz|Cutbot|cXensebot|CXK_Bot|CybaaBot|CyberFindCrawler|CyberPatrol|CyotekWebCopy
DareBoost|Dark Visitor|DaspeedBot|Datadog Agent|Datadog Synthetic|DatadogSynthetics|Datafeedwatch|DataForSeoBot
datagnionbot|Datanyze|Daum|daumoa|Dazzle BlueSky Bot|dbot|dcrawl|Dead Link Checker|deadlinkchecker|DeepCrawl|deepnoc
DeepSeekBot|Deskyobot|Detectify|Determ|DeuSu|DF Bot|Diffbot|Digg Deeper|DigiCert DCV|Digincore bot
DingTalkBot-LinkService|DirBuster|discobot|Discordbot|Discourse Forum Onebox|Disqus|dlvr.it|Dmbot|DMBrowser
DnBCrawler|DNSScanner|DnyzBot|Do Not Track Verifier|Domain Re-Animator Bot|domaincrawler|Domains Project
DomainStatsBot|DomCopBot|DominicBot|DotBot|Dotcom-Monitor|Dow Jones Searchbot|Download Ninja|DowntimeDetector
Dragonbot|DrataAutopilot|Dratabot|DreamHost Data Team|drupact|Drupalbot|Dubbotbot|DuckAssistBot|DuckDuckBot
DuckDuckGo-Favicons-Bot|DVbot|e.ventures Investment Crawler|EasyBib AutoCite|easybill-ImportManager|EasyCron
easyDNS Monitoring|ec2linkfinder|EchoboxBot|EcoVadisSustainabilityBot|edansbot|EdgeWatch|edisterbot|electricmonk
elisabot|elmah.io Uptime Monitoring|elmahio-uptimebot|EmailWolf|Embedly|eMoney Advisor|eMoneyBot|epicbot
EpivozCrawler|eRepublik.tools|eright|ev-crawler|evc-batch|EvernoteRichLinkBot|everyfeed-spider|EveryoneSocialBot
EvoUptimeBot|exabot|ExodusMovement|Expanse|Experibot|ExteContextCrawl|ExtLinksBot|Eyeotabot|Ezgif|EZID|EzLynx
EzoicBot|ezooms|FacebookBot|facebookcatalog|facebookexternalhit|Facebot|factset_spyderbot|FAST Enterprise Crawler
FAST-WebCrawler|FastDAST|FastmailUA|FDL Stats Bot|Fedicabot|FediDB|FediIndex|FediList Agent|Fedineko|fedistatsCrawler
fedoraplanet|FedReporter Bot for FFIEC|FedReporterDataBot|Feed Image Audit|Feedbin|feedbot|FeedBurner|Feeder
feeder.co|Feedfetcher-Google|FeedFlow|Feedly|Feedpresso Content Index Bot|Feedsearch Bot|Feedsearch-Crawler|Feedspot
FeedValidator|Feedwind|FemtosearchBot|Fetch|fidget-spinner-bot|FindITAnswersbot|findlink|findthatfile|findxbot
fiperbot|FirecrawlAgent|FirmoGraph|Flamingo_SearchEngine|FleebsBot|FlipboardProxy|FlipboardRSS|fluffy|Flyriverbot
Foregenix|fr-crawler|Freespoke|FreeWebMonitoring SiteChecker|Freshbot|FreshpingBot|FreshRSS|Friendica
Friendly testing bot|friendly-spider|FriendlyCrawler|fuelbot|FullStoryBot|Funnelback|FuseonBot
FyndSearchEngine-Crawler|FyndSearchEngine-ReCrawler|Fyrebot|G2 Web Services|g2reader-bot|Gabanzabot|Gaisbot
GarlikCrawler|GeedoBot|GeedoProductSearch|GeedoShopProductFinder|Gemini-Deep-Research|Genieo|GenomeCrawlerd
GG PeekBot|Ghost Inspector|GIFTEDVISITOR SCAN|Gigablast|Gigabot|GingerCrawler|github-camo|GlobalWebSearch
Gluten Free Crawler|gnam gnam spider|GnowitNewsbot|Golfe|Goodreads|Goodzer|Google Favicon|Google Trust Services
Google Web Preview|Google-Ads-Conversions|Google-AdWords-Express|Google-Adwords-Instant|Google-Agent
Google-Apps-Script|Google-Area120|Google-Certificates-Bridge|Google-CloudVertexBot|Google-Extended|Google-Gemini-CLI
Google-InspectionTool|Google-NotebookLM|Google-PhysicalWeb|Google-Read-Aloud|Google-Safety|Google-Site-Verification
Google-Trust-Services|google-xrawler|GoogleAgent-Mariner|GoogleAssociationService|Googlebot|Googlebot-IA
Googlebot-Image|Googlebot-Mobile|Googlebot-News|Googlebot-Video|GoogleDocs|GoogleImageProxy|GoogleOther
GoogleProducer|GoogleStackdriverMonitoring|GoParserBot|GoPay|gotosocial|Gowikibot|GPTBot|Grammarly|GrapeshotCrawler
gregcrawler|Greppr Web Crawler|Grobbot|GroovinaAdsbot|GroupHigh|GroupMeBot|Grover|grub-client|gsa-crawler|gslfbot
GTmetrix|GuestpostsBot|Gulper Web Bot|Gwene|HaloBot|HanaleiBot|HappyWing|Hardenize|harsilbot|Hatena|HawaiiBot
hCardValidator|HeadOnlyScraper|Hello World|HelloworkJobPostingBot|HenkBot|heritrix|HetrixTools|hgfAlphaXCrawl|HIFIBot
Hlidam.to robot|Honeybadger Uptime Check|HoneybadgerBot|HostTracker|Hotjar|hstspreload-bot|HTTP Banner Detection
httpunit|HTTrack|HubSpot|Huckabot|Hydrozen.io|Hype Machine|hypestat|hyscore.io|ia_archiver|IAS crawler|iAskBot
iaskspider|IBM Crawler|IbouBot|ICBot|ICC-Crawler|ichiro|Iframely|IFTTT|ImageFetcher|ImageMind|ImagesiftBot
imageSpider|img2dataset|imgproxy|impendoom-bot|imrbot|IndeedBot|IndeedJobBot|Indy Library|INETDEX-BOT|infoobot
Innguma|Innologica|inoreader|Instapaper|Integromat|integromedb|intelium_bot|intelx.io_bot|InterfaxScanBot
InternetMeasurement|internetVista monitor|IonCrawl|ips-agent|IRLbot|Irokez.cz monitoring|IsDownBot|iskanie
ISSCyberRiskCrawler|IstellaBot|it2media-domain-crawler|iubenda-radar|James BOT|Jamie's Spider|jetmon|Jetslide
JobboerseBot|jobswithgptcom-bot|Jooblebot|jpg-newsbot|Jugendschutzprogramm-Crawler|Jumio|jyxobot|K7MLWCBot
kagi-fetcher|Kagibot|Kangaroo Bot|KangarooBot|KargoBot-Artemis|kazbtbot|kb.dk_bot|Kemvibot|KendraBot|KeybaseBot
keycdn-tools|Keydrop.io|keys-so-bot|kinsta-bot|Klaviyo|Known Agent|KomodiaBot|Konturbot|KosmioBot|KrawlerBot
KStandBot|Kukei.eu-Bot|KunatoCrawler|l9explore|l9scan|LAC_IAHarvester|laion-huggingface-processor|Landau-Media-Spider
larbin|Laserlikebot|LastModBot|lb-spider|LegalMonster|Leikibot|Lemmy|Let's Encrypt|Level9SearchBot|Lighthouse
LightspeedSystemsCrawler|LinerBot|Linespider|Linguee Bot|LinkAce|linkapediabot|LinkArchiver|LinkCheckerBot|linkdex
LinkedInBot|LinkisBot|linko|LinkpadBot|linkReader|LinksIndexerBot|LinkTiger|LinkupBot|LinkWalker|lipperhey|ListGemBot
Livelapbot|LMArenaUnfurlBot|LogicMonitor|LoomlyBot|lssbot|lssrocketcrawler|ltx71|Luminator-robots|lwp-trivial
lyonl-asset-proxy|lyonl-crawler|MaCoCu|Macrobondbot|MADBbot|Magellan|MagiBot|magicsearchdev|Magnet.me-web|MagnetmeBot
magpie-crawler|MagpieRSS|Magus Bot|mail.ru|Mail.RU_Bot|MailChimp|MainWP|Make|ManageWP|Manus-User|mappydata|MarketGoo
MarketingMiner|masscan|Mastodon|MatchorySearch|Mattermost-Bot|MauiBot|Mavifinds|MB-LinkChecker|MBCrawler
McontextualBot|MedialogiaBot|MediaMonitoringBot|Mediapartners-Google|Mediatoolkitbot|MediavineMetadataParser
Mediumbot-MetaTagFetcher|MegaIndex|MeltwaterNews|memorybot|MergadoBot|meta-externalads|meta-externalagent
meta-externalfetcher|Meta-ExternalHit|meta-webindexer|MetaIAB Facebook|MetaInspector|MetaJobBot|MetaURI|Metorik
MgidBot|MicrosoftPreview|mindUpBot|Miniature.io|minicrawler|Miniflux|Minoru's Fediverse Crawler|MirrorWebCrawler
MissinglettrBot|MistralAI-User|mithril-crawler|MixnodeCache|MixrankBot|MJ12bot|mlbot|moatbot|ModatScanner
ModernizeBot|ModularConnector|MojeekBot|Mollie HTTP client|Monibot|monitis -|monitoring360bot|MonitoRSS|Monsidobot
MonSpark|montastic-monitor|MontasticMonitor|MoodleBot|Moreover|MotoMinerBot|MRGbot|msnbot|msrbot|MTRobot|MuckRack
Multiviewbot|MxToolbox|my-tiny-bot|MyBot|NanoInteractive|NapBot|NAVER Blog Rssbot|NaverBot|nbertaupete95|Neevabot
NerdByNature.Bot|nerdybot|Nessus|NestDaddybot|NetAPI|Netcraft SSL Server Survey|Netcraft Web Server Survey
NetcraftSurveyAgent|netEstate NE Crawler|Neticle Crawler|NetpeakCheckerBot|netresearchserver|NetSeer crawler
NetShelter ContentScan|NetSystemsResearch|Netumo|Netvibes|NETVIGIE|New York Times Newsgathering|NewRelicbot
NewRelicSynthetics|newsai|NewsBlur|newsharecounts|Newsify Feed Fetcher|NewsNow|newspaper|NewsRoom.BI|NextCloud
Nicecrawler|NicheIndex|niki-bot|Nikto|Nimbostratus-Bot|NING|NINJA bot|Nitro-|NitroBot|NIXStatsbot|NLNZ_IAHarvester
NLUX_IAHarvester|Nmap Scripting Engine|NoahBot|NodePing|Noibu|noorobot|Nooshub|NostoCrawlerBot|Notabot|Notion|Novaact
Novellum|NsToolsBot|NTENTbot|Nutch|Nuzzel|nvdorz|nyt_scraping|OAI-SearchBot|ObservePoint|Ocarinabot|Odin|OdklBot
officestorebot|Offline Explorer|OhDear|OICrawler|omgili|Omnisend|OnCrawl|OneTrust|Online Domain Tools
online-webceo-bot|opencode-smartfetch|OpenGraph.io|OpenGraphCheck|OpenHoseBot|openindexspider|OpenRSS|OpenTheBoxBot
OpenVAS|Operator|Optimizer|OrangeBot|Orbbot|Orlo-LinkPreview|outbrain|OutclicksBot|OutsellURLValidator|Overcast|Owler
OWLer-W|page-preview-tool|page2rss|PagePeeker|Pagespeed|PageThing|Pandalytics|PanguBot|Panopta|panscient|PaperLiBot
Paqlebot|parse.ly scraper|ParselySharesBot|PayPal|Pcore-HTTP|PDF24 URL To PDF|peer39_crawler|Perplexity-User
PerplexityBot|PerplexityUser|PetalBot|PhindBot|phpcrawl|PhxBot|PingAdmin.Ru|Pingdom|pingping.io|PiplBot|PlagAwareBot
PlayStore-Google|Plesk screenshot bot|PocketCasts|PocketParser|PodchaserParser|Podimo|Poduptime|Poggio-Citations
Pomothy-Bot|postrank|Potions|PR-CY.RU|PressEngineBot|PricedroneShoppingBot|PriEcoBot|Primalbot|PrivacyAwareBot
Pro-Sitemaps|ProbelySPDR|ProjectShield-UrlCheck|Protopage|proximic|PRTG Network Monitor|PRTGCloudBot|PS_Daily|psbot
PTST|Pulsepoint|PulsePoint-Crawler|purebot|PWABuilderHttpAgent|python-opengraph|Pywikibot|qcbot|QualifiedBot|Qualys
Quantcastbot|Quora-Bot|Qwantbot|Qwantify|Qwarrybot|Rackspace Monitoring|Rakuten Image extraction bot
rakutenusabot-image|RankActiveLinkBot|RankurBot|RavenCrawler|rawweb-bot|Readable|Recurly Webhooks|redditbot|Reelevant
Refindbot|RegionStuttgartBot|remove.bg|RepoLookoutBot|ResearchBot|Retool|RetrevoPageAnalyzer|RetroListeCOM
ReverseEngineeringBot|RevvimGort|reward-gateway|RidderBot|Rigor|Rivva|RobotsChecker|rogerbot|RSiteAuditor
rss-is-dead.lol web bot|rss-parser|RSS.Social|rss2tg|RSSAPI|rssbot|RSSingBot|RssReaderBot|RuxitSynthetic|RyteBot
s4a-probe-bot|SafeDNSBot|SafeSearch microdata crawler|SandobaCrawler|Sansec Security Monitor|SBIntuitionsBot|SBL-BOT
Schema-Markup-Validator|Scoop.it|Scope3|ScourRSSBot|ScoutJet|ScrapeheroBot|Screaming Frog SEO Spider|screeenly-bot
scribdbot|Scrubby|Scrunchbot|search.marginalia.nu|SearchAtlas|Searcherweb|Searcherxweb|SearchExpress|SEBot-WA
SecurityHeaders|Seekbot|Seekport|seewithkids|semaltbot|semantic-visions|semanticbot|SemanticScholarBot|sempi.tech
SemrushBot|SendGrid Event API|SentiBot|SENTINEL-LinkCheck|SentryUptimeBot|SenutoBot|seo-audit-check-bot|SeobilityBot
SEOkicks|SEOlizer|seoLyt|seoscanners|SeoSiteCheckup|seostar.co|SeoulBot|SequelWP|SERankingBacklinksBot|SerendeputyBot
serpstatbot|SERPtimizerBot|ServerDensity|ServerHunterSpider|SeznamBot|SeznamHomepageCrawler|SFDC-Callout|ShapBot
Shopify-Captain-Hook|ShortPixel|Shortwave Image Fetcher|Sidetrade indexer bot|Silk|Silktide|SimpleCrawler|SimplePie
SimpleScraper|SinceraSyntheticUser|Sindup|SirdataBot|sistrix|Sistrix Crawler|Site24x7|SiteAudit|SiteAuditBot|sitebot
sitebulb|SiteCheck-sitecrawl|SiteCheckerBotCrawler|siteexplorer.info|SiteLock|SiteScoreBot|SiteSearch360
SitesOverPagesBot|SiteSucker|Skroutz ImageBot|SkroutzBot|SkypeUriPreview|SkyworkSpider|SlaccaleBot|Slack-ImgProxy
Slackbot|SleepBot|SlickBot|Slurp|SmarshBot|SmartologyBot|smtbot|SMTnetPMBot|Snacktory|Snap URL Preview Service
SnapchatAds|SnapURLPreview|Snipcart|SocialRankIOBot|Software-Security-Research|Sogou|solarwinds|Sora POS|Sosospider
SottopopNone|SparkPost|SparkShipping|Spawning-AI|spbot|Specificfeeds|Spectate|speedy|SpiderLing|splash Version|Splunk
SpringserveBot|sqlmap|SQWatcher|SSL Labs|SSSSBot|Stape|startmebot|StartpagePrivateImageProxy|Statabot
StatistikAustria|StatsDroneBot|StatusCake|StatusNestBacklinkSpider|stepstoneCrawlBot|Storebot-Google|StorygizeBot
StractBot|Streamline3Bot|Stripe|Sucuri|SummalyBot|summify|Supabase Paired Crawler|Superfeedr|SurdotlyBot|SurveyBot
SustainabilityCrawler|sv-watchagent|Svix-Webhooks|Swiftbot|SwifteqLinkChecker|SWIMGBot|Swisscows|Synapse|SynthesiBot
synthetic-monitoring-agent|Sysomos|t3versionsBot|Taboolabot|TactiScout|tagoobot|TangibleeBot
TaraGroup Intelligent Bot|TavilyBot|tchelebi|TelegramBot|Teoma|Termly|TerraCotta|Test Certificate Info|test-bot
Testcrawler|TestURI|TextRazor|The Knowledge AI|TheInternetSearchx|thesis-research-bot|Thinkbot|Thinklab|ThousandEyes
tigerbot|TikTokSpider|Timpibot|TinEye|Tiny Tiny RSS|TLS tester|TombaPublicWebCrawler|top100.rambler.ru crawler
toplistbot|ToutiaoSpider|tracemyfile|tracking-quality-spider|trafilatura|Trellis-Services|trendictionbot
TrendsmapResolver|trentwil.es|Trove|trovitBot|Trustly|TSM-turingos|TSMbot|TTD-Content|Tumblr|Turnitin|Tweakers
tweetedtimes|TweetmemeBot|twengabot|TwilioProxy|TwinAgent|Twingly|TwinWaveScanner|Twitterbot|Twurly|UASlinkChecker
UGAResearchAgent|uipbot|um-FC|um-IC|um-LN|Unshorten.It!|upday|updown.io|Upflow|Uptime|Uptime-Kuma|UptimeBot
uptimedoctor|UptimeRobot|UptimeStatistics|Uptimia|uptrends|urlappendbot|UrlBeeBot|Urlcheckr|UrlSuMa.de crawler
URLSuMaBot|useeBookChecker|UsineNouvelleCrawler|UT-Dorkbot|Vagabondo|Validator.nu|VaultPress|vebidoobot
VelenPublicWebCrawler|Veoozbot|vercel-screenshot|Vercelbot|Verispider|Verity|Viber|videootv Bot|videootvBot|Vigil
virustotal|VKRobot|vkShare|vmcrawl|voilabot|VoluumDSP-content-bot|VsuSearchSpider|vu-server-health-scanner|vuhuvBot
W3C-checklink|W3C-mobileOK|W3C_CSS_Validator|W3C_I18n-Checker|W3C_Unicorn|W3C_Validator|WadooBot|WanscannerBot
WARDBot|Watchbot monitoring robot|WatchForBot|Watchful|WatchMouse|watchTowr|Wayback|wbsearchbot|Web Measure
Web Screen Service By hyperhost|WebCapture|WebCEO Online|webcompanycrawler|WebCopier|WebDataStats|Webflow
webgains-bot|webmon|weborama-fetcher|webprosbot|WebsiteOps|websitepulse|WebSniffer|webspidermount|WebwikiBot|webzio
WebZIP|WEDOS OnLine|WellKnownBot|WepchSearchEngine|WeSEE:Search|WGETbot|WhatsApp|WhatWeb|WikiDo|WireReaderBot|WISEbot
WJHRO|wknd-bot|wocbot|woobot|woorankreview|WordCountBot|WordPress|Wordup-1|WordupInfoSearch|woriobot
workona-favicon-service|WorldBot|WormlyBot|wotbox|WOVN Crawler|WovnCrawler|wowLink Crawler|WP Time Capsule|wpbot
WPMU DEV Broken Link Checker|WPMU DEV Hub|WPMUDEV Uptime Monitor|WPScan|WPSec|WPUmbrella|WRTNBot|WTotem
Xenu Link Sleuth|Xing Bot|XML Sitemaps Generator|xovibot|XoviOnpageCrawler|XY-Archive-Compliance|yacybot
Yahoo Ad monitoring|Yahoo Link Preview|YahooCacheSystem|YahooMailProxy|Yandex|YandexBot|YandexImages|YandexMetrika
YandexMobileBot|YandexRenderResourcesBot|YandoriRSSBot|yanga|Yellowbrandprotectionbot|yelpspider|Yeti|YextBot
YisouSpider|YLT Chrome|YokoyGroupAG|yoozBot|YouBot|YoudaoBot|Yuuperbot|Zabbix|ZanistaBot|Zapier|Zealbot|zebra-v2-bot
zenback bot|Zendesk Webhook|zgrab|ZmEu|Zombiebot|ZoomBot|ZoomInfo-|ZoominfoBot|ZumBot|ZuperlistBot|ZyBorg|zzhbot
`

/** The first name that the user agent bears, as the table writes it; undefined where it bears none. */
export function crawlerName(userAgent: string): string | undefined {
  const found = pattern.exec(userAgent)?.[0]
  return found === undefined ? undefined : byLowerCase.get(found.toLowerCase())
}

const names = table.trim().split(/[|\n]/)
const byLowerCase: ReadonlyMap<string, string> = new Map(names.map((name) => [name.toLowerCase(), name]))

/** Longer names first, as an expression takes the first of its alternatives that fits. */
const pattern = new RegExp(
  `(?<![a-z])(?:${[...names]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[.+]/g, '\\$&'))
    .join('|')})`,
  'i',
)
