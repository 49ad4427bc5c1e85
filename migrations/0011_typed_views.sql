-- Typed views over events, one for each event type of a protocol. Properties hold each parameter as text under its documented
-- name; here it has the document's type. What was not sent, or is no such value, is null (an array or map: empty), and no text
-- is an error. A condition on site and timestamp reaches the sorting key of events.
--
-- Place and device are those of the session; of STATICDATA and GEOLOCATION, what stands beside the parameters is as they left it.
CREATE VIEW IF NOT EXISTS kameleoon_static_data
(
    site                       LowCardinality(String),
    timestamp                  DateTime('UTC'),
    visitor_id                 String COMMENT 'the visitor code',
    user_id                    UInt64,
    session_id                 UInt64,
    nonce                      String,
    visit_number               Nullable(Int32),
    time_since_previous_visit  Nullable(Int64) COMMENT 'milliseconds',
    browser                    Nullable(String) COMMENT 'as sent; events has the name that user agents get',
    browser_index              Nullable(Int32),
    browser_version            Nullable(Float64),
    os                         Nullable(String) COMMENT 'as sent',
    os_index                   Nullable(Int32),
    screen_width               Nullable(Int32),
    screen_height              Nullable(Int32),
    locale_language_tag        Nullable(String),
    device_type                Nullable(String) COMMENT 'DESKTOP, TABLET, PHONE',
    country                    LowCardinality(String),
    subdivision1               LowCardinality(String),
    city                       LowCardinality(String),
    device                     LowCardinality(String),
    language                   LowCardinality(String),
    is_bot                     UInt8,
    kafka_partition            UInt16,
    raw_offset                 UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    toInt32OrNull(props['visitNumber']) AS visit_number,
    toInt64OrNull(props['timeSincePreviousVisit']) AS time_since_previous_visit,
    nullIf(props['browser'], '') AS browser,
    toInt32OrNull(props['browserIndex']) AS browser_index,
    if(isFinite(toFloat64OrNull(props['browserVersion'])), toFloat64OrNull(props['browserVersion']), NULL) AS browser_version,
    nullIf(props['os'], '') AS os,
    toInt32OrNull(props['osIndex']) AS os_index,
    toInt32OrNull(props['screenWidth']) AS screen_width,
    toInt32OrNull(props['screenHeight']) AS screen_height,
    nullIf(props['localeLanguageTag'], '') AS locale_language_tag,
    nullIf(props['deviceType'], '') AS device_type,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'staticData'
;

CREATE VIEW IF NOT EXISTS kameleoon_pages
(
    site              LowCardinality(String),
    timestamp         DateTime('UTC'),
    visitor_id        String COMMENT 'the visitor code',
    user_id           UInt64,
    session_id        UInt64,
    nonce             String,
    hostname          LowCardinality(String),
    pathname          LowCardinality(String),
    href              String COMMENT 'host and path where the URL itself is not kept',
    canonical_href    Nullable(String),
    title             String,
    key_page_indices  Array(Int32),
    referrer_href     Nullable(String) COMMENT 'null where it is not kept; events.referrer is that of the session',
    referrer_indices  Array(Int32),
    country           LowCardinality(String),
    subdivision1      LowCardinality(String),
    city              LowCardinality(String),
    browser           LowCardinality(String),
    os                LowCardinality(String),
    device            LowCardinality(String),
    language          LowCardinality(String),
    is_bot            UInt8,
    kafka_partition   UInt16,
    raw_offset        UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    events.hostname AS hostname,
    events.pathname AS pathname,
    if(props['href'] = '', concat(toString(events.hostname), toString(events.pathname)), props['href']) AS href,
    nullIf(props['canonicalHref'], '') AS canonical_href,
    toString(events.title) AS title,
    arrayMap(place -> assumeNotNull(place), arrayFilter(place -> place IS NOT NULL,
        JSONExtract(props['keyPageIndices'], 'Array(Nullable(Int32))'))) AS key_page_indices,
    nullIf(props['referrerHref'], '') AS referrer_href,
    arrayMap(place -> assumeNotNull(place), arrayFilter(place -> place IS NOT NULL,
        JSONExtract(props['referrerIndices'], 'Array(Nullable(Int32))'))) AS referrer_indices,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'pageview'
;

-- A conversion with negative = true takes one back: it is a row of its own, with a count of -1 and its revenue below zero, so
-- that sum(count) and sum(revenue) are what is left. Sums know no order: a row that takes back before its conversion has come
-- gives -1 until it comes and 0 from then on, and one that takes back what never comes stays at -1. Only a span of time
-- with one of the two in it shows that one alone; greatest(sum(count), 0) per visitor and goal hides it.
CREATE VIEW IF NOT EXISTS kameleoon_conversions
(
    site             LowCardinality(String),
    timestamp        DateTime('UTC'),
    visitor_id       String COMMENT 'the visitor code',
    user_id          UInt64,
    session_id       UInt64,
    nonce            String,
    goal_id          Nullable(Int64),
    count            Int8 COMMENT '-1 for one that takes back: sum it',
    revenue          Nullable(Float64) COMMENT 'signed like count; null without',
    negative         Bool,
    metadata         Map(Int32, Array(String)) COMMENT 'metadata id to its values',
    country          LowCardinality(String),
    subdivision1     LowCardinality(String),
    city             LowCardinality(String),
    browser          LowCardinality(String),
    os               LowCardinality(String),
    device           LowCardinality(String),
    language         LowCardinality(String),
    is_bot           UInt8,
    kafka_partition  UInt16,
    raw_offset       UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    toInt64OrNull(props['goalId']) AS goal_id,
    if(props['negative'] = 'true', -1, 1) AS count,
    if(props['negative'] = 'true', -1, 1) * if(isFinite(toFloat64OrNull(props['revenue'])), toFloat64OrNull(props['revenue']), NULL) AS revenue,
    toBool(props['negative'] = 'true') AS negative,
    mapApply((id, entries) -> (assumeNotNull(toInt32OrNull(id)), entries),
        mapFilter((id, entries) -> toInt32OrNull(id) IS NOT NULL, JSONExtract(props['metadata'], 'Map(String, Array(String))'))) AS metadata,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'conversion'
;

CREATE VIEW IF NOT EXISTS kameleoon_targeting_segments
(
    site             LowCardinality(String),
    timestamp        DateTime('UTC'),
    visitor_id       String COMMENT 'the visitor code',
    user_id          UInt64,
    session_id       UInt64,
    nonce            String,
    id               Nullable(Int64) COMMENT 'of the segment',
    country          LowCardinality(String),
    subdivision1     LowCardinality(String),
    city             LowCardinality(String),
    browser          LowCardinality(String),
    os               LowCardinality(String),
    device           LowCardinality(String),
    language         LowCardinality(String),
    is_bot           UInt8,
    kafka_partition  UInt16,
    raw_offset       UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    toInt64OrNull(props['id']) AS id,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'targetingSegment'
;

CREATE VIEW IF NOT EXISTS kameleoon_experiments
(
    site             LowCardinality(String),
    timestamp        DateTime('UTC'),
    visitor_id       String COMMENT 'the visitor code',
    user_id          UInt64,
    session_id       UInt64,
    nonce            String,
    id               Nullable(Int64) COMMENT 'of the experiment',
    variation_id     Nullable(Int64) COMMENT '0: the reference',
    country          LowCardinality(String),
    subdivision1     LowCardinality(String),
    city             LowCardinality(String),
    browser          LowCardinality(String),
    os               LowCardinality(String),
    device           LowCardinality(String),
    language         LowCardinality(String),
    is_bot           UInt8,
    kafka_partition  UInt16,
    raw_offset       UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    toInt64OrNull(props['id']) AS id,
    toInt64OrNull(props['variationId']) AS variation_id,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'experiment'
;

CREATE VIEW IF NOT EXISTS kameleoon_personalizations
(
    site                LowCardinality(String),
    timestamp           DateTime('UTC'),
    visitor_id          String COMMENT 'the visitor code',
    user_id             UInt64,
    session_id          UInt64,
    nonce               String,
    id                  Nullable(Int64) COMMENT 'of the personalization',
    variation_id        Nullable(Int64) COMMENT '0: the reference',
    unexposition_cause  Nullable(String) COMMENT 'why it was not shown',
    country             LowCardinality(String),
    subdivision1        LowCardinality(String),
    city                LowCardinality(String),
    browser             LowCardinality(String),
    os                  LowCardinality(String),
    device              LowCardinality(String),
    language            LowCardinality(String),
    is_bot              UInt8,
    kafka_partition     UInt16,
    raw_offset          UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    toInt64OrNull(props['id']) AS id,
    toInt64OrNull(props['variationId']) AS variation_id,
    nullIf(props['unexpositionCause'], '') AS unexposition_cause,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'personalization'
;

CREATE VIEW IF NOT EXISTS kameleoon_weather
(
    site             LowCardinality(String),
    timestamp        DateTime('UTC'),
    visitor_id       String COMMENT 'the visitor code',
    user_id          UInt64,
    session_id       UInt64,
    nonce            String,
    temperature      Nullable(Float64) COMMENT 'kelvin',
    humidity         Nullable(Float64) COMMENT 'percent',
    pressure         Nullable(Float64) COMMENT 'hPa',
    wind_speed       Nullable(Float64) COMMENT 'metres per second',
    cloudiness       Nullable(Float64) COMMENT 'percent',
    sunrise_time     Nullable(Int64) COMMENT 'Unix milliseconds',
    sunset_time      Nullable(Int64) COMMENT 'Unix milliseconds',
    weather_code     Nullable(String) COMMENT 'in words',
    country          LowCardinality(String),
    subdivision1     LowCardinality(String),
    city             LowCardinality(String),
    browser          LowCardinality(String),
    os               LowCardinality(String),
    device           LowCardinality(String),
    language         LowCardinality(String),
    is_bot           UInt8,
    kafka_partition  UInt16,
    raw_offset       UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    if(isFinite(toFloat64OrNull(props['temperature'])), toFloat64OrNull(props['temperature']), NULL) AS temperature,
    if(isFinite(toFloat64OrNull(props['humidity'])), toFloat64OrNull(props['humidity']), NULL) AS humidity,
    if(isFinite(toFloat64OrNull(props['pressure'])), toFloat64OrNull(props['pressure']), NULL) AS pressure,
    if(isFinite(toFloat64OrNull(props['windSpeed'])), toFloat64OrNull(props['windSpeed']), NULL) AS wind_speed,
    if(isFinite(toFloat64OrNull(props['cloudiness'])), toFloat64OrNull(props['cloudiness']), NULL) AS cloudiness,
    toInt64OrNull(props['sunriseTime']) AS sunrise_time,
    toInt64OrNull(props['sunsetTime']) AS sunset_time,
    nullIf(props['weatherCode'], '') AS weather_code,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'weather'
;

CREATE VIEW IF NOT EXISTS kameleoon_custom_data
(
    site                LowCardinality(String),
    timestamp           DateTime('UTC'),
    visitor_id          String COMMENT 'the visitor code',
    user_id             UInt64,
    session_id          UInt64,
    nonce               String,
    `index`             Nullable(Int32),
    mapping_identifier  Bool COMMENT 'the value is an id of the visitor elsewhere',
    values_count_map    Map(String, Int32) COMMENT 'value to its count',
    overwrite           Bool COMMENT 'in place of what was before; false: added to it',
    country             LowCardinality(String),
    subdivision1        LowCardinality(String),
    city                LowCardinality(String),
    browser             LowCardinality(String),
    os                  LowCardinality(String),
    device              LowCardinality(String),
    language            LowCardinality(String),
    is_bot              UInt8,
    kafka_partition     UInt16,
    raw_offset          UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    toInt32OrNull(props['index']) AS `index`,
    toBool(props['mappingIdentifier'] = 'true') AS mapping_identifier,
    mapApply((value, count) -> (value, assumeNotNull(count)),
        mapFilter((value, count) -> count IS NOT NULL, JSONExtract(props['valuesCountMap'], 'Map(String, Nullable(Int32))'))) AS values_count_map,
    toBool(props['overwrite'] != 'false') AS overwrite,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'customData'
;

CREATE VIEW IF NOT EXISTS kameleoon_products
(
    site             LowCardinality(String),
    timestamp        DateTime('UTC'),
    visitor_id       String COMMENT 'the visitor code',
    user_id          UInt64,
    session_id       UInt64,
    nonce            String,
    ean              Nullable(String) COMMENT 'product code',
    country          LowCardinality(String),
    subdivision1     LowCardinality(String),
    city             LowCardinality(String),
    browser          LowCardinality(String),
    os               LowCardinality(String),
    device           LowCardinality(String),
    language         LowCardinality(String),
    is_bot           UInt8,
    kafka_partition  UInt16,
    raw_offset       UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    nullIf(props['ean'], '') AS ean,
    events.country AS country,
    events.subdivision1 AS subdivision1,
    events.city AS city,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'product'
;

CREATE VIEW IF NOT EXISTS kameleoon_geolocations
(
    site             LowCardinality(String),
    timestamp        DateTime('UTC'),
    visitor_id       String COMMENT 'the visitor code',
    user_id          UInt64,
    session_id       UInt64,
    nonce            String,
    country          Nullable(String) COMMENT 'as sent; country_code is what was made of it',
    region           Nullable(String),
    city             Nullable(String),
    postal_code      Nullable(String),
    latitude         Nullable(Float64) COMMENT 'degrees',
    longitude        Nullable(Float64) COMMENT 'degrees',
    country_code     LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2, or empty',
    subdivision1     LowCardinality(String),
    browser          LowCardinality(String),
    os               LowCardinality(String),
    device           LowCardinality(String),
    language         LowCardinality(String),
    is_bot           UInt8,
    kafka_partition  UInt16,
    raw_offset       UInt64
)
AS
SELECT
    events.site AS site,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    events.client_event_id AS nonce,
    nullIf(props['country'], '') AS country,
    nullIf(props['region'], '') AS region,
    nullIf(props['city'], '') AS city,
    nullIf(props['postalCode'], '') AS postal_code,
    if(isFinite(toFloat64OrNull(props['latitude'])), toFloat64OrNull(props['latitude']), NULL) AS latitude,
    if(isFinite(toFloat64OrNull(props['longitude'])), toFloat64OrNull(props['longitude']), NULL) AS longitude,
    events.country AS country_code,
    events.subdivision1 AS subdivision1,
    events.browser AS browser,
    events.os AS os,
    events.device AS device,
    events.language AS language,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'kameleoon' AND events.name = 'geolocation'
;

-- What custom data a visitor has at present: the last event that overwrites, and the counts of those after it that merge, in the
-- order of the log (a visitor's events lie in one partition). Without one that overwrites, all are added up. A count of 0
-- stays. What is no index or no object of values is passed over.
CREATE VIEW IF NOT EXISTS kameleoon_visitor_custom_data
(
    site                LowCardinality(String),
    visitor_id          String,
    `index`             Int32,
    values              Map(String, Int64) COMMENT 'value to its count',
    mapping_identifier  Bool COMMENT 'of the last event',
    updated_at          DateTime('UTC') COMMENT 'when the last event happened'
)
AS
SELECT
    site,
    visitor_id,
    `index`,
    mapFromArrays(
        arrayDistinct(arrayFlatten(arrayMap(counts -> mapKeys(counts), present))) AS names,
        arrayMap(name -> arraySum(arrayMap(counts -> toInt64(counts[name]), present)), names)) AS values,
    mapping_identifier,
    updated_at
FROM
(
    SELECT
        events.site AS site,
        events.visitor_id AS visitor_id,
        assumeNotNull(toInt32OrNull(props['index'])) AS `index`,
        maxIf(toInt64(kafka_offset), props['overwrite'] != 'false') AS overwritten,
        countIf(props['overwrite'] != 'false') > 0 AS is_overwritten,
        arrayMap(entry -> entry.2, arrayFilter(entry -> NOT is_overwritten OR entry.1 >= overwritten,
            groupArray((toInt64(kafka_offset), mapApply((value, count) -> (value, assumeNotNull(count)),
        mapFilter((value, count) -> count IS NOT NULL, JSONExtract(props['valuesCountMap'], 'Map(String, Nullable(Int32))'))))))) AS present,
        toBool(argMax(props['mappingIdentifier'] = 'true', kafka_offset)) AS mapping_identifier,
        argMax(timestamp, kafka_offset) AS updated_at
    FROM events
    WHERE protocol = 'kameleoon' AND name = 'customData'
        AND toInt32OrNull(props['index']) IS NOT NULL AND JSONType(props['valuesCountMap']) = 'Object'
    GROUP BY site, visitor_id, `index`
) AS visitors
;

-- Which visitor codes and which ids of the site's own (custom data with mappingIdentifier) are one person. An email is here as
-- its SHA-256.
CREATE VIEW IF NOT EXISTS kameleoon_identities
(
    site           LowCardinality(String),
    visitor_id     String COMMENT 'the visitor code',
    `index`        Int32 COMMENT 'of the custom data',
    mapping_value  String,
    first_seen     DateTime('UTC'),
    last_seen      DateTime('UTC'),
    events         UInt64
)
AS
SELECT
    events.site AS site,
    events.visitor_id AS visitor_id,
    assumeNotNull(toInt32OrNull(props['index'])) AS `index`,
    mapping_value,
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen,
    count() AS events
FROM events
ARRAY JOIN arrayDistinct(JSONExtractKeys(props['valuesCountMap'])) AS mapping_value
WHERE protocol = 'kameleoon' AND name = 'customData' AND props['mappingIdentifier'] = 'true' AND toInt32OrNull(props['index']) IS NOT NULL
GROUP BY site, visitor_id, `index`, mapping_value
;

-- Names of properties count in any case.
CREATE VIEW IF NOT EXISTS octeth_conversions
(
    site              LowCardinality(String),
    list_id           UInt64,
    timestamp         DateTime('UTC'),
    visitor_id        String,
    user_id           UInt64,
    session_id        UInt64,
    external_id       String COMMENT 'the ID that was given, else empty',
    email             String COMMENT 'SHA-256, or in clear where the site asks for it',
    conversion_id     String,
    conversion_name   String,
    conversion_value  Nullable(Decimal(18, 4)) COMMENT 'null where it is no number that fits',
    currency          LowCardinality(String),
    country           LowCardinality(String),
    device            LowCardinality(String),
    is_bot            UInt8,
    kafka_partition   UInt16,
    raw_offset        UInt64
)
AS
SELECT
    events.site AS site,
    toUInt64OrZero(props['ListID']) AS list_id,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    props['ID'] AS external_id,
    props['email'] AS email,
    arrayFirst((value, key) -> lower(key) = 'conversion-id', mapValues(props), mapKeys(props)) AS conversion_id,
    arrayFirst((value, key) -> lower(key) = 'conversion-name', mapValues(props), mapKeys(props)) AS conversion_name,
    toDecimal64OrNull(arrayFirst((value, key) -> lower(key) = 'conversion-value', mapValues(props), mapKeys(props)), 4) AS conversion_value,
    events.currency AS currency,
    events.country AS country,
    events.device AS device,
    events.is_bot AS is_bot,
    events.kafka_partition AS kafka_partition,
    toUInt64(events.raw_offset) AS raw_offset
FROM events
WHERE events.protocol = 'octeth' AND events.name = 'conversion'
;

CREATE VIEW IF NOT EXISTS octeth_identifies
(
    site             LowCardinality(String),
    list_id          UInt64,
    timestamp        DateTime('UTC'),
    visitor_id       String,
    user_id          UInt64,
    session_id       UInt64,
    external_id      String COMMENT 'the ID that was given, else empty',
    email            String COMMENT 'SHA-256, or in clear where the site asks for it',
    properties       Map(String, String) COMMENT 'of the person, as the client sent them',
    country          LowCardinality(String),
    device           LowCardinality(String),
    is_bot           UInt8,
    kafka_partition  UInt16,
    raw_offset       UInt64
)
AS
SELECT
    events.site AS site,
    toUInt64OrZero(props['ListID']) AS list_id,
    events.timestamp AS timestamp,
    events.visitor_id AS visitor_id,
    events.user_id AS user_id,
    events.session_id AS session_id,
    props['ID'] AS external_id,
    props['email'] AS email,
    CAST(mapFromArrays(
        arrayMap(entry -> if(startsWith(entry.1, 'Properties.'), substring(entry.1, 12), entry.1), sent),
        arrayMap(entry -> entry.2, sent)), 'Map(String, String)') AS properties,
    events.country AS country,
    events.device AS device,
    events.is_bot AS is_bot,
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
    WHERE protocol = 'octeth' AND name = 'identify'
) AS events
;

-- Contacts, with the last value of each parameter that a contact call gave, in the order of the log. Seen: in any call.
CREATE VIEW IF NOT EXISTS successeve_contacts
(
    site         LowCardinality(String),
    contact_uid  String,
    account_uid  String COMMENT 'the last that was named',
    params       Map(String, String) COMMENT 'empty where no contact call came',
    first_seen   DateTime('UTC'),
    last_seen    DateTime('UTC'),
    events       UInt64
)
AS
SELECT
    site,
    contact_uid,
    account_uid,
    arrayFold(
        (so_far, entry) -> mapUpdate(so_far, entry.2), arraySort(entry -> entry.1, said), CAST(map(), 'Map(String, String)')) AS params,
    first_seen,
    last_seen,
    seen AS events
FROM
(
    SELECT
        site,
        visitor_id AS contact_uid,
        argMaxIf(props['account_uid'], kafka_offset, props['account_uid'] != '') AS account_uid,
        groupArrayIf((toUInt64(kafka_offset), CAST(props, 'Map(String, String)')), name = 'contact') AS said,
        min(timestamp) AS first_seen,
        max(timestamp) AS last_seen,
        count() AS seen
    FROM events
    -- Accounts and elements that stand for themselves are no contacts.
    WHERE protocol = 'successeve' AND NOT (name IN ('account', 'element') AND startsWith(visitor_id, concat(name, ':')))
    GROUP BY site, visitor_id
) AS contacts
;

-- Accounts, with the last value of each parameter that an account call gave, by time of receipt (calls that name a contact lie
-- with that contact's). Seen: in any call that names the account.
CREATE VIEW IF NOT EXISTS successeve_accounts
(
    site         LowCardinality(String),
    account_uid  String,
    params       Map(String, String) COMMENT 'empty where no account call came',
    first_seen   DateTime('UTC'),
    last_seen    DateTime('UTC'),
    contacts     UInt64,
    events       UInt64
)
AS
SELECT
    site,
    account_uid,
    arrayFold(
        (so_far, entry) -> mapUpdate(so_far, entry.2), arraySort(entry -> entry.1, said), CAST(map(), 'Map(String, String)')) AS params,
    first_seen,
    last_seen,
    contacts,
    seen AS events
FROM
(
    SELECT
        site,
        props['account_uid'] AS account_uid,
        groupArrayIf(((received_at, toUInt64(kafka_offset)), mapFilter((key, value) -> key != 'account_uid',
            CAST(props, 'Map(String, String)'))), name = 'account') AS said,
        min(timestamp) AS first_seen,
        max(timestamp) AS last_seen,
        uniqExactIf(visitor_id, NOT (name IN ('account', 'element') AND startsWith(visitor_id, concat(name, ':')))) AS contacts,
        count() AS seen
    FROM events
    WHERE protocol = 'successeve' AND props['account_uid'] != ''
    GROUP BY site, account_uid
) AS accounts
;
