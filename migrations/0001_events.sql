-- One row per event; the only table the sink writes events to. What the types, codecs and indexes cost was measured on
-- realistic rows: ZSTD(1) throughout, Delta before it for times, LowCardinality for every string that repeats.
CREATE TABLE IF NOT EXISTS events
(
    site              LowCardinality(String),
    name              LowCardinality(String) COMMENT 'pageview, engagement, or the name of a custom event',
    timestamp         DateTime('UTC') COMMENT 'when it happened' CODEC(Delta(4), ZSTD(1)),
    user_id           UInt64 COMMENT 'visitor id of the day the session began; a stable one for visitors who came with an id',
    session_id        UInt64 COMMENT '(session start in Unix seconds << 32) | hash32(site, user)',
    visitor_id        String COMMENT 'the id a visitor came with, else empty',
    protocol          LowCardinality(String) COMMENT 'plausible, kameleoon, octeth, successeve',
    hostname          LowCardinality(String),
    pathname          LowCardinality(String) COMMENT 'degrades to the size of String where every path is unique',
    title             LowCardinality(String),

    -- Acquisition, place and device are those of the session, stamped on each of its rows: no query needs a join.
    referrer          LowCardinality(String),
    source            LowCardinality(String),
    channel           LowCardinality(String),
    utm_source        LowCardinality(String),
    utm_medium        LowCardinality(String),
    utm_campaign      LowCardinality(String),
    utm_content       LowCardinality(String),
    utm_term          LowCardinality(String),
    click_id_param    LowCardinality(String) COMMENT 'gclid, msclkid, ...: which click id came, never its value',
    country           LowCardinality(String) COMMENT 'ISO 3166-1 alpha-2, or empty',
    subdivision1      LowCardinality(String) COMMENT 'ISO 3166-2, or empty',
    subdivision2      LowCardinality(String),
    city_geoname_id   UInt32 COMMENT '0 when unknown',
    city              LowCardinality(String),
    asn               UInt32 COMMENT 'autonomous system number, 0 when unknown',
    browser           LowCardinality(String),
    browser_version   LowCardinality(String),
    os                LowCardinality(String),
    os_version        LowCardinality(String),
    device            LowCardinality(String),
    language          LowCardinality(String),

    -- A Map, because many sites share the column: the JSON type opens a file per name and fails at 12,000 names.
    props             Map(LowCardinality(String), String),
    scroll_depth      UInt8 COMMENT '0 to 100; 255 on an engagement event without one',
    engagement_ms     UInt32,
    interactive       UInt8 COMMENT '0 or 1; numbers, so that sum() and avg() work',
    revenue           Decimal(18, 4) COMMENT 'exact; 0 with an empty currency when there is none (half the bytes of Nullable)',
    currency          LowCardinality(String) COMMENT 'ISO 4217; empty when there is no revenue',
    is_bot            UInt8,
    bot_reason        LowCardinality(String),
    ip_class          LowCardinality(String),
    client_event_id   String COMMENT 'what the client repeats on a retry, else empty',

    -- An event is identified by its place in the log; a UUID would cost as much as three quarters of the row.
    -- raw_offset and ingested_at run beside kafka_offset and timestamp: kept as the difference they cost 0.2 bytes each
    -- instead of 2.1 and 1.7. As ALIAS columns they can be used by name anywhere; SELECT * leaves them out unless
    -- asterisk_include_alias_columns is set.
    kafka_partition    UInt16,
    kafka_offset       UInt64 COMMENT 'place of the enriched record',
    raw_lead           Int64 COMMENT 'raw_offset - kafka_offset',
    ingest_lag_s       Int32 COMMENT 'ingested_at - timestamp, seconds' CODEC(T64, ZSTD(1)),
    raw_offset         UInt64 ALIAS kafka_offset + raw_lead COMMENT 'place of the raw record, as in the receipt; same partition number',
    ingested_at        DateTime('UTC') ALIAS timestamp + ingest_lag_s COMMENT 'when the sink inserted it',
    enrichment_version LowCardinality(String) COMMENT 'which data files and rules enriched it',

    INDEX ix_timestamp   timestamp                TYPE minmax GRANULARITY 1, -- the last minutes over all sites
    INDEX ix_ingested_at timestamp + ingest_lag_s TYPE minmax GRANULARITY 1, -- the audit's window
    INDEX ix_offset      kafka_offset             TYPE minmax GRANULARITY 1, -- what a range of the log has stored
    INDEX ix_session     session_id               TYPE bloom_filter(0.01) GRANULARITY 1, -- one session without its site
    -- How far a partition is stored, in the same 3 ms for any size of the table. No place to resume from by itself: an
    -- insert may still be under way.
    PROJECTION pj_places (SELECT kafka_partition, max(kafka_offset), max(raw_offset), count() GROUP BY kafka_partition)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (site, toDate(timestamp), user_id, timestamp)
SETTINGS default_compression_codec = 'ZSTD(1)',
         non_replicated_deduplication_window = 10000,
         -- DELETE refuses a table with a projection otherwise.
         lightweight_mutation_projection_mode = 'rebuild'
;
