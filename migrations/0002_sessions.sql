-- Sessions are merged from the events as they are inserted; nobody writes them. One row a session and insert, which
-- merges (and FINAL) fold into one. The rules are Plausible's: entry and exit come from pageviews, an engagement event
-- moves last_activity and nothing else.
--
-- Not partitioned: an insert must touch one partition only, to be atomic and to pass max_partitions_per_insert_block = 1,
-- and the events of one month also belong to sessions that began in the month before.
--
-- A block without a pageview (or with engagement events only) must leave the minimum as it is, so such rows bring the
-- greatest instant to min() and the least to max(). Ties of one second are settled by the offset in the log.
CREATE TABLE IF NOT EXISTS session_states
(
    site             LowCardinality(String),
    start            DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    user_id          UInt64,
    session_id       UInt64,
    visitor_id       SimpleAggregateFunction(any, String),
    first_event_at   SimpleAggregateFunction(min, DateTime('UTC')) COMMENT 'engagement events left out',
    last_event_at    SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'engagement events left out',
    last_activity    SimpleAggregateFunction(max, DateTime('UTC')),
    pageviews        SimpleAggregateFunction(sum, UInt64),
    events           SimpleAggregateFunction(sum, UInt64) COMMENT 'engagement events left out',
    interacted       SimpleAggregateFunction(max, UInt8) COMMENT '1 when it has an interactive event that is no pageview',
    entry            SimpleAggregateFunction(min, Tuple(DateTime('UTC'), UInt64, String, String)) COMMENT 'first pageview: timestamp, offset, hostname, pathname',
    exit             SimpleAggregateFunction(max, Tuple(DateTime('UTC'), UInt64, String, String)) COMMENT 'last pageview',
    engagement_ms    SimpleAggregateFunction(sum, UInt64),
    revenue          SimpleAggregateFunction(sum, Decimal(38, 4)),
    currency         SimpleAggregateFunction(max, LowCardinality(String)),
    is_bot           SimpleAggregateFunction(max, UInt8),

    -- Every event carries its session's values, so any of them is right.
    referrer         SimpleAggregateFunction(any, LowCardinality(String)),
    source           SimpleAggregateFunction(any, LowCardinality(String)),
    channel          SimpleAggregateFunction(any, LowCardinality(String)),
    utm_source       SimpleAggregateFunction(any, LowCardinality(String)),
    utm_medium       SimpleAggregateFunction(any, LowCardinality(String)),
    utm_campaign     SimpleAggregateFunction(any, LowCardinality(String)),
    utm_content      SimpleAggregateFunction(any, LowCardinality(String)),
    utm_term         SimpleAggregateFunction(any, LowCardinality(String)),
    click_id_param   SimpleAggregateFunction(any, LowCardinality(String)),

    -- Kameleoon's STATICDATA and GEOLOCATION replace these in mid-session, and the sink stamps the new values from then
    -- on: the last inserted are right. anyLast keeps the order of insertion through merges, as parts merge in that order.
    country          SimpleAggregateFunction(anyLast, LowCardinality(String)),
    subdivision1     SimpleAggregateFunction(anyLast, LowCardinality(String)),
    subdivision2     SimpleAggregateFunction(anyLast, LowCardinality(String)),
    city_geoname_id  SimpleAggregateFunction(anyLast, UInt32),
    city             SimpleAggregateFunction(anyLast, LowCardinality(String)),
    asn              SimpleAggregateFunction(anyLast, UInt32),
    browser          SimpleAggregateFunction(anyLast, LowCardinality(String)),
    browser_version  SimpleAggregateFunction(anyLast, LowCardinality(String)),
    os               SimpleAggregateFunction(anyLast, LowCardinality(String)),
    os_version       SimpleAggregateFunction(anyLast, LowCardinality(String)),
    device           SimpleAggregateFunction(anyLast, LowCardinality(String)),
    language         SimpleAggregateFunction(anyLast, LowCardinality(String))
)
ENGINE = AggregatingMergeTree
ORDER BY (site, toDate(start), user_id, session_id)
SETTINGS default_compression_codec = 'ZSTD(1)',
         non_replicated_deduplication_window = 10000
;

CREATE MATERIALIZED VIEW IF NOT EXISTS session_states_mv TO session_states AS
WITH
    name = 'pageview' AS is_pageview,
    name != 'engagement' AS counts,
    toDateTime(4294967295, 'UTC') AS never,
    tuple(timestamp, kafka_offset, toString(hostname), toString(pathname)) AS page
SELECT
    site,
    toDateTime(bitShiftRight(session_id, 32), 'UTC') AS start,
    user_id,
    session_id,
    any(visitor_id) AS visitor_id,
    min(if(counts, timestamp, never)) AS first_event_at,
    max(if(counts, timestamp, toDateTime(0, 'UTC'))) AS last_event_at,
    max(timestamp) AS last_activity,
    countIf(is_pageview) AS pageviews,
    countIf(counts) AS events,
    max(counts AND NOT is_pageview AND interactive != 0) AS interacted,
    min(if(is_pageview, page, tuple(never, toUInt64(0), '', ''))) AS entry,
    max(if(is_pageview, page, tuple(toDateTime(0, 'UTC'), toUInt64(0), '', ''))) AS exit,
    sum(events.engagement_ms) AS engagement_ms,
    sum(events.revenue) AS revenue,
    max(currency) AS currency,
    max(is_bot) AS is_bot,
    any(referrer) AS referrer,
    any(source) AS source,
    any(channel) AS channel,
    any(utm_source) AS utm_source,
    any(utm_medium) AS utm_medium,
    any(utm_campaign) AS utm_campaign,
    any(utm_content) AS utm_content,
    any(utm_term) AS utm_term,
    any(click_id_param) AS click_id_param,
    anyLast(country) AS country,
    anyLast(subdivision1) AS subdivision1,
    anyLast(subdivision2) AS subdivision2,
    anyLast(city_geoname_id) AS city_geoname_id,
    anyLast(city) AS city,
    anyLast(asn) AS asn,
    anyLast(browser) AS browser,
    anyLast(browser_version) AS browser_version,
    anyLast(os) AS os,
    anyLast(os_version) AS os_version,
    anyLast(device) AS device,
    anyLast(language) AS language
FROM events
GROUP BY site, start, user_id, session_id
;

-- FINAL is cheap here, and a filter on site and start reaches the sorting key of session_states. The declared types hide
-- the aggregate ones from tools that read them.
CREATE VIEW IF NOT EXISTS sessions
(
    site             LowCardinality(String),
    session_id       UInt64,
    user_id          UInt64,
    visitor_id       String,
    start            DateTime('UTC'),
    last_activity    DateTime('UTC') COMMENT 'engagement events count',
    duration         UInt32 COMMENT 'seconds from the first to the last event that is no engagement',
    pageviews        UInt32,
    events           UInt32 COMMENT 'engagement events left out',
    is_bounce        UInt8 COMMENT '1: at most one pageview and no interactive other event',
    entry_page       String COMMENT 'pathname of the first pageview, empty when there is none',
    exit_page        String,
    hostname         String COMMENT 'of the first pageview',
    exit_hostname    String,
    revenue          Decimal(38, 4),
    currency         LowCardinality(String),
    engagement_ms    UInt64,
    is_bot           UInt8,
    referrer         LowCardinality(String),
    source           LowCardinality(String),
    channel          LowCardinality(String),
    utm_source       LowCardinality(String),
    utm_medium       LowCardinality(String),
    utm_campaign     LowCardinality(String),
    utm_content      LowCardinality(String),
    utm_term         LowCardinality(String),
    click_id_param   LowCardinality(String),
    country          LowCardinality(String),
    subdivision1     LowCardinality(String),
    subdivision2     LowCardinality(String),
    city_geoname_id  UInt32,
    city             LowCardinality(String),
    asn              UInt32,
    browser          LowCardinality(String),
    browser_version  LowCardinality(String),
    os               LowCardinality(String),
    os_version       LowCardinality(String),
    device           LowCardinality(String),
    language         LowCardinality(String)
)
AS
SELECT
    site,
    session_id,
    user_id,
    visitor_id,
    start,
    last_activity,
    toUInt32(if(first_event_at < last_event_at, last_event_at - first_event_at, 0)) AS duration,
    toUInt32(session_states.pageviews) AS pageviews,
    toUInt32(session_states.events) AS events,
    toUInt8(session_states.pageviews <= 1 AND interacted = 0) AS is_bounce,
    entry.4 AS entry_page,
    exit.4 AS exit_page,
    entry.3 AS hostname,
    exit.3 AS exit_hostname,
    revenue,
    currency,
    engagement_ms,
    is_bot,
    referrer,
    source,
    channel,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_content,
    utm_term,
    click_id_param,
    country,
    subdivision1,
    subdivision2,
    city_geoname_id,
    city,
    asn,
    browser,
    browser_version,
    os,
    os_version,
    device,
    language
FROM session_states FINAL
;
