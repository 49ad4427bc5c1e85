-- The books: per site and minute of receipt, what was accepted at the door against what became of it.
--
--   accepted + surplus = inserted + dropped + repeats + dead_letters + in_flight + missing
--
-- Producers (imports too) count what they answered as accepted, by site, minute and raw partition, apart from the way that
-- the events take. They hand over totals of a page that grow and never shrink, so that the greatest of them is right
-- however often, and in whatever order, they arrive.
CREATE TABLE IF NOT EXISTS accepted_events
(
    site             LowCardinality(String),
    minute           DateTime('UTC') COMMENT 'of receipt' CODEC(Delta(4), ZSTD(1)),
    kafka_partition  UInt16 COMMENT 'of the raw topic',
    counter_id       LowCardinality(String) COMMENT 'who counted',
    page             UInt64 COMMENT 'a counter begins every page at zero',
    accepted         SimpleAggregateFunction(max, UInt64) COMMENT 'events, drops at the door among them',
    last_raw_offset  SimpleAggregateFunction(max, UInt64) COMMENT 'the greatest among their places',
    counted_at       SimpleAggregateFunction(max, DateTime('UTC')) COMMENT 'when the log got the total'
)
ENGINE = AggregatingMergeTree
ORDER BY (minute, site, kafka_partition, counter_id, page)
TTL counted_at + INTERVAL 30 DAY
SETTINGS default_compression_codec = 'ZSTD(1)',
         non_replicated_deduplication_window = 10000
;

ALTER TABLE dropped_events
    ADD INDEX IF NOT EXISTS ix_timestamp timestamp TYPE minmax GRANULARITY 1
;

ALTER TABLE dropped_events MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild'
;

-- As on events: how far a partition is stored, without a scan.
ALTER TABLE dropped_events
    ADD PROJECTION IF NOT EXISTS pj_places
    (SELECT kafka_partition, max(kafka_offset), max(raw_offset), count() GROUP BY kafka_partition)
;

-- Of whom and when a letter is, as far as its bytes can be read: those of raw and of enriched records say it alike.
ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS site LowCardinality(String) MATERIALIZED JSONExtractString(record, 'site')
        COMMENT 'empty where the bytes do not tell'
;

ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS received_at DateTime('UTC')
        MATERIALIZED toDateTime(least(intDiv(JSONExtractUInt(record, 'receivedAt'), 1000), 4294967295), 'UTC')
        COMMENT 'when the producer received it; 1970 where the bytes do not tell'
;

ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS raw_offset UInt64
        MATERIALIZED if(topic = 'millrace.events.raw', kafka_offset, JSONExtractUInt(record, 'rawOffset'))
        COMMENT 'place of the raw record; 0 where the bytes do not tell'
;

-- Every line of the books; ask with a condition on minute (and site), which reach the indexes:
--
--   SELECT * FROM all_books WHERE minute >= '2026-11-21 09:00:00' AND minute < '2026-11-21 10:00:00'
--
-- What is accepted and not found is in flight as long as it can still come, and missing from then on. Place decides, not
-- time, so that a sink may be behind by hours: it stores a partition in the order of the raw topic, so once it has stored a
-- row at or behind the last place of a count, all that was counted must be there. Ten seconds more are given after the
-- counting, because an insert batch goes into several tables and dead letters take a way of their own. Shortfall and excess
-- are taken for each partition, so that an excess in one hides nothing of another.
--
-- surplus      rows that nobody counted. A producer hands over its counts every two seconds: what a killed one had not yet
--              handed over stays surplus, and can hide as many missing rows of the same site, minute and partition
--              (delivery_audit sees those). Events that were answered with 503 and yet came into the log are surplus too.
-- in_flight    a loss behind the last row of a partition stays in flight until a later row is stored.
-- dead_letters a letter whose bytes do not tell its site is in no line; its event is missing.
--
-- Counts and drops are kept 30 days: of what came before them, all rows are surplus.
CREATE VIEW IF NOT EXISTS all_books
(
    site          LowCardinality(String),
    minute        DateTime('UTC') COMMENT 'of receipt',
    accepted      UInt64 COMMENT 'answered as accepted, drops at the door among them',
    inserted      UInt64 COMMENT 'rows of events',
    dropped       Map(String, UInt64) COMMENT 'rows of dropped_events by reason, repeats left out',
    repeats       UInt64 COMMENT 'events that a client sent again',
    dead_letters  UInt64,
    in_flight     UInt64 COMMENT 'not found yet, and can still come',
    missing       UInt64 COMMENT 'lost; must be 0',
    surplus       UInt64 COMMENT 'found, and not counted as accepted'
)
AS
WITH
    CAST(map(), 'Map(String, UInt64)') AS nothing,
    -- How far each partition is stored. Not by the enricher's letters, which do not wait for the rows before them.
    places AS
    (
        SELECT kafka_partition, max(stored.last) AS place, true AS is_known
        FROM
        (
            SELECT kafka_partition, max(raw_offset) AS last FROM events GROUP BY kafka_partition
            UNION ALL
            SELECT kafka_partition, max(raw_offset) FROM dropped_events GROUP BY kafka_partition
            UNION ALL
            SELECT kafka_partition, max(raw_offset) FROM dead_letters
            WHERE topic = 'millrace.events.enriched' GROUP BY kafka_partition
        ) AS stored
        GROUP BY kafka_partition
    ),
    entries AS
    (
        SELECT
            site, minute, kafka_partition,
            sum(pages.total) AS accepted, max(pages.last) AS last, max(pages.at) AS counted_at,
            0 AS inserted, nothing AS dropped, 0 AS letters
        FROM
        (
            SELECT
                site, minute, kafka_partition,
                max(accepted_events.accepted) AS total,
                max(accepted_events.last_raw_offset) AS last,
                max(accepted_events.counted_at) AS at
            FROM accepted_events
            GROUP BY site, minute, kafka_partition, counter_id, page
        ) AS pages
        GROUP BY site, minute, kafka_partition
        UNION ALL
        SELECT
            site, toStartOfMinute(received_at) AS minute, kafka_partition, 0, 0, toDateTime(0, 'UTC'), count(), nothing, 0
        FROM events
        GROUP BY site, minute, kafka_partition
        UNION ALL
        SELECT
            site, minute, kafka_partition, 0, 0, toDateTime(0, 'UTC'), 0,
            mapFromArrays(groupArray(reasons.name), groupArray(reasons.rows)), 0
        FROM
        (
            SELECT
                site, toStartOfMinute(timestamp) AS minute, kafka_partition, toString(reason) AS name, count() AS rows
            FROM dropped_events
            GROUP BY site, minute, kafka_partition, name
        ) AS reasons
        GROUP BY site, minute, kafka_partition
        UNION ALL
        -- A letter that was sent again has lost its bytes, and is in no line.
        SELECT
            site, toStartOfMinute(received_at) AS minute, kafka_partition, 0, 0, toDateTime(0, 'UTC'), 0, nothing, count()
        FROM dead_letters FINAL
        WHERE topic IN ('millrace.events.raw', 'millrace.events.enriched')
        GROUP BY site, minute, kafka_partition
    )
SELECT
    site,
    minute,
    sum(shares.accepted) AS accepted,
    sum(shares.inserted) AS inserted,
    mapFilter((reason, rows) -> reason != 'repeat', sumMap(shares.dropped)) AS dropped,
    sumMap(shares.dropped)['repeat'] AS repeats,
    sum(letters) AS dead_letters,
    toUInt64(sumIf(shortfall, NOT is_settled)) AS in_flight,
    toUInt64(sumIf(shortfall, is_settled)) AS missing,
    toUInt64(sum(excess)) AS surplus
FROM
(
    SELECT
        *,
        greatest(toInt64(accepted) - toInt64(found), 0) AS shortfall,
        greatest(toInt64(found) - toInt64(accepted), 0) AS excess,
        if(is_known AND last <= place AND counted_at < now() - INTERVAL 10 SECOND, 1, 0) AS is_settled
    FROM
    (
        SELECT
            site, minute, kafka_partition,
            sum(entries.accepted) AS accepted,
            sum(entries.inserted) AS inserted,
            sumMap(entries.dropped) AS dropped,
            sum(entries.letters) AS letters,
            inserted + arraySum(mapValues(dropped)) + letters AS found,
            max(entries.last) AS last,
            max(entries.counted_at) AS counted_at
        FROM entries
        GROUP BY site, minute, kafka_partition
    ) AS totals
    LEFT JOIN places USING (kafka_partition)
) AS shares
GROUP BY site, minute
;

-- The last 24 hours.
CREATE VIEW IF NOT EXISTS books AS
SELECT * FROM all_books WHERE minute >= toStartOfMinute(now('UTC') - INTERVAL 1 DAY)
;

-- The lines of the last 24 hours with a loss: empty as long as nothing is missing.
CREATE VIEW IF NOT EXISTS missing_events AS SELECT * FROM books WHERE missing > 0
;
