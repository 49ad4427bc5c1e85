-- What the two calls of the Octeth protocol ask: whether an email was seen on a list before, and which properties the events
-- of a list have. Both are kept by views as events are inserted, so that neither reads events. Neither table is
-- partitioned: an insert must touch one partition only.
--
-- An Octeth event has these properties beside what its client sent: ListID, email (its SHA-256, or in clear where the site
-- asks for it), ID when one was given, and Event, the name as sent, where it is another than name. A client's property of one
-- of these names stands as `Properties.<name>`, and so does one that begins with `Properties.` or `IdentifyProperties.`.
CREATE TABLE IF NOT EXISTS octeth_subscribers
(
    site        LowCardinality(String),
    list_id     UInt64,
    email_hash  FixedString(32) COMMENT 'SHA-256 of the trimmed lower-case email',
    first_at    SimpleAggregateFunction(min, DateTime('UTC')) CODEC(Delta(4), ZSTD(1))
)
ENGINE = AggregatingMergeTree
ORDER BY (site, list_id, email_hash)
SETTINGS default_compression_codec = 'ZSTD(1)',
         -- Asked for single rows.
         index_granularity = 1024,
         non_replicated_deduplication_window = 10000
;

CREATE MATERIALIZED VIEW IF NOT EXISTS octeth_subscribers_mv TO octeth_subscribers AS
SELECT
    site,
    toUInt64OrZero(props['ListID']) AS list_id,
    toFixedString(if(match(props['email'], '^[0-9a-f]{64}$'), unhex(props['email']), SHA256(lowerUTF8(trimBoth(props['email'])))), 32) AS email_hash,
    min(timestamp) AS first_at
FROM events
WHERE protocol = 'octeth' AND props['email'] != ''
GROUP BY site, list_id, email_hash
;

CREATE TABLE IF NOT EXISTS octeth_properties
(
    site      LowCardinality(String),
    list_id   UInt64,
    event     LowCardinality(String) COMMENT 'name as sent',
    property  LowCardinality(String) COMMENT 'name as sent; empty for an event without properties',
    events    SimpleAggregateFunction(sum, UInt64),
    last_at   SimpleAggregateFunction(max, DateTime('UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (site, list_id, event, property)
SETTINGS default_compression_codec = 'ZSTD(1)',
         non_replicated_deduplication_window = 10000
;

CREATE MATERIALIZED VIEW IF NOT EXISTS octeth_properties_mv TO octeth_properties AS
SELECT
    site,
    toUInt64OrZero(props['ListID']) AS list_id,
    if(props['Event'] = '', toString(name), props['Event']) AS event,
    property,
    count() AS events,
    max(timestamp) AS last_at
FROM
(
    SELECT
        site, name, props, timestamp,
        arrayMap(key -> if(startsWith(key, 'Properties.'), substring(key, 12), key),
            arrayFilter(key -> key NOT IN ('ListID', 'email', 'ID', 'Event') AND NOT startsWith(key, 'IdentifyProperties.'),
                arrayMap(key -> toString(key), mapKeys(props)))) AS properties
    FROM events
    WHERE protocol = 'octeth'
) AS octeth
LEFT ARRAY JOIN properties AS property
GROUP BY site, list_id, event, property
;

-- The events of the protocol, typed. uuid is what the answer to the event said: the client's own, or the place in the log as
-- a UUID of version 8: 60 bits raw_offset around the version, then the variant, then 16 bits kafka_partition at the end. The
-- place in a uuid leads to the row at once:
--
--   WITH lower(replaceAll('00000000-0125-8148-8000-000000000003', '-', '')) AS digits
--   SELECT * FROM octeth_events
--   WHERE raw_offset = reinterpretAsUInt64(reverse(unhex(concat('0', substring(digits, 1, 12), substring(digits, 14, 3)))))
--     AND kafka_partition = reinterpretAsUInt16(reverse(unhex(substring(digits, 29, 4))))
CREATE VIEW IF NOT EXISTS octeth_events
(
    site              LowCardinality(String),
    list_id           UInt64,
    event             String COMMENT 'name as sent',
    name              LowCardinality(String) COMMENT 'pageview, conversion, identify, or as sent',
    timestamp         DateTime('UTC'),
    uuid              UUID COMMENT 'as answered',
    external_id       String COMMENT 'the ID that was given, else empty',
    email             String COMMENT 'SHA-256, or in clear where the site asks for it',
    user_id           UInt64,
    session_id        UInt64,
    visitor_id        String,
    hostname          LowCardinality(String),
    pathname          LowCardinality(String),
    title             LowCardinality(String),
    conversion_id     String,
    conversion_name   String,
    conversion_value  Nullable(Decimal(18, 4)) COMMENT 'null for what is no conversion',
    revenue           Decimal(18, 4) COMMENT 'the same, where the site stores it',
    currency          LowCardinality(String),
    properties        Map(String, String) COMMENT 'as the client sent them',
    kafka_partition   UInt16,
    raw_offset        UInt64
)
AS
WITH leftPad(lower(hex(toUInt64(events.raw_offset))), 16, '0') AS digits
SELECT
    events.site AS site,
    toUInt64OrZero(props['ListID']) AS list_id,
    if(props['Event'] = '', toString(events.name), props['Event']) AS event,
    events.name AS name,
    events.timestamp AS timestamp,
    toUUID(if(
        match(client_event_id, '^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
        client_event_id,
        concat(
            substring(digits, 2, 8), '-', substring(digits, 10, 4), '-8', substring(digits, 14, 3), '-8000-',
            leftPad(lower(hex(events.kafka_partition)), 12, '0')))) AS uuid,
    props['ID'] AS external_id,
    props['email'] AS email,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.visitor_id AS visitor_id,
    events.hostname AS hostname,
    events.pathname AS pathname,
    events.title AS title,
    if(name = 'conversion', arrayFirst((value, key) -> lower(key) = 'conversion-id', mapValues(props), mapKeys(props)), '') AS conversion_id,
    if(name = 'conversion', arrayFirst((value, key) -> lower(key) = 'conversion-name', mapValues(props), mapKeys(props)), '') AS conversion_name,
    if(name = 'conversion', toDecimal64OrNull(arrayFirst((value, key) -> lower(key) = 'conversion-value', mapValues(props), mapKeys(props)), 4), NULL) AS conversion_value,
    events.revenue AS revenue,
    events.currency AS currency,
    CAST(mapFromArrays(
        arrayMap(entry -> if(startsWith(entry.1, 'Properties.'), substring(entry.1, 12), entry.1), sent),
        arrayMap(entry -> entry.2, sent)), 'Map(String, String)') AS properties,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM
(
    SELECT
        *, raw_offset,
        arrayFilter(
            entry -> entry.1 NOT IN ('ListID', 'email', 'ID', 'Event') AND NOT startsWith(entry.1, 'IdentifyProperties.'),
            arrayMap((key, value) -> (toString(key), value), mapKeys(props), mapValues(props))) AS sent
    FROM events
    WHERE protocol = 'octeth'
) AS events
;
