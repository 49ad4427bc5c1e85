-- The books of the sink, made whole: records of the enriched topic that leave no row, because their raw record has one already
-- (an enricher that was killed writes a range again). With their places at hand the audit need not guess what a missing
-- place is. A place may be here twice.
CREATE TABLE IF NOT EXISTS passed_over
(
    kafka_partition  UInt16,
    kafka_offset     UInt64 COMMENT 'place in the enriched topic' CODEC(Delta(8), ZSTD(1)),
    raw_offset       UInt64 COMMENT 'place of the raw record' CODEC(Delta(8), ZSTD(1)),
    stored_at        DateTime('UTC') DEFAULT now() CODEC(Delta(4), ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (kafka_partition, kafka_offset)
TTL stored_at + INTERVAL 30 DAY
SETTINGS default_compression_codec = 'ZSTD(1)',
         non_replicated_deduplication_window = 10000
;

-- The audit. Every record of the enriched topic ends as exactly one of: a row of events, a row of dropped_events, a dead
-- letter of the sink, a row of passed_over. Every record of the raw topic ends as one enriched record or as a dead letter of
-- the enricher; or it is a producer's resend and leaves nothing. So, per partition:
--
--   duplicates      rows whose place in the enriched topic has a row already. Must be 0.
--   raw_duplicates  rows whose raw_offset is not above every raw_offset before them: stored twice, or out of order, as
--                   raw_offset only grows along the enriched topic. Must be 0.
--   gaps            records lost. A missing offset of the raw topic alone is a resend; a lost record is missing in both
--                   topics at the same place. Between two neighbouring rows that is the smaller of the two numbers, each
--                   without the dead letters that lie between, and of the enriched topic without what was passed over.
--                   Must be 0. Where a row is missing and passed_over does not know, as for what was stored before there
--                   was this table, a resend beside a repeat may count as one.
--   repeats         missing offsets of the enriched topic that are no loss. May be anything.
--
-- What it cannot see is a loss behind the last row: compare last_offset with the group's committed offset.
-- While an insert of the sink is under way a look between its tables may show a gap that is gone at the next look.
--
-- It covers what was inserted in the last 14 days, as dropped_events keeps 30 and a row missing there would look lost.
-- The first offset of that time is taken from events, or from dropped_events where a partition has no event.
CREATE OR REPLACE VIEW delivery_audit
(
    kafka_partition  UInt16,
    rows             UInt64,
    events           UInt64,
    dropped          UInt64,
    dead_letters     UInt64 COMMENT 'of the sink',
    offsets          UInt64 COMMENT 'distinct places',
    first_offset     UInt64,
    last_offset      UInt64,
    gaps             UInt64 COMMENT 'records lost; must be 0',
    duplicates       UInt64 COMMENT 'must be 0',
    raw_duplicates   UInt64 COMMENT 'must be 0',
    repeats          UInt64
)
AS
WITH
    now() - INTERVAL 14 DAY AS since,
    recent_events AS
    (
        SELECT kafka_partition AS p, toInt64(kafka_offset) AS k, toInt64(raw_offset) AS r
        FROM events
        WHERE ingested_at >= since
    ),
    starts AS
    (
        SELECT p, if(countIf(is_event) > 0, minIf(k, is_event), min(k)) AS start
        FROM
        (
            SELECT p, k, true AS is_event FROM recent_events
            UNION ALL
            SELECT kafka_partition AS p, toInt64(kafka_offset) AS k, false AS is_event
            FROM dropped_events
            WHERE timestamp >= since
        )
        GROUP BY p
    ),
    recent_drops AS
    (
        SELECT kafka_partition AS p, toInt64(kafka_offset) AS k, toInt64(raw_offset) AS r
        FROM dropped_events
        INNER JOIN starts ON starts.p = kafka_partition
        WHERE k >= starts.start
    ),
    letters AS
    (
        SELECT kafka_partition AS p, toInt64(kafka_offset) AS k, topic
        FROM dead_letters FINAL
        INNER JOIN starts ON starts.p = kafka_partition
        WHERE topic != 'millrace.events.enriched' OR k >= starts.start
    ),
    letter_lists AS
    (
        SELECT
            p,
            groupArrayIf(k, topic = 'millrace.events.enriched') AS sink_letters,
            groupArrayIf(k, topic = 'millrace.events.raw') AS enricher_letters
        FROM letters
        GROUP BY p
    ),
    rows_beside_letters AS
    (
        SELECT p, count() AS same_places
        FROM (SELECT p, k FROM recent_events UNION ALL SELECT p, k FROM recent_drops)
        WHERE (p, k) IN (SELECT p, k FROM letters WHERE topic = 'millrace.events.enriched')
        GROUP BY p
    ),
    -- Rows, each with how many places up to it were passed over.
    rows_and_passed AS
    (
        SELECT
            p, k, r, source,
            countIf(source = 'passed') OVER (PARTITION BY p ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS passed
        FROM
        (
            SELECT p, k, r, 'event' AS source FROM recent_events
            UNION ALL
            SELECT p, k, r, 'drop' AS source FROM recent_drops
            UNION ALL
            SELECT DISTINCT kafka_partition AS p, toInt64(kafka_offset) AS k, toInt64(raw_offset) AS r, 'passed' AS source
            FROM passed_over
        )
    ),
    neighbours AS
    (
        SELECT
            p, k, r, source, passed,
            lagInFrame(k, 1, -1) OVER (PARTITION BY p ORDER BY k, r ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS k_before,
            lagInFrame(passed, 1, 0) OVER (PARTITION BY p ORDER BY k, r ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS passed_before,
            max(r) OVER (PARTITION BY p ORDER BY k, r ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS r_before
        FROM rows_and_passed
        WHERE source != 'passed'
    ),
    totals AS
    (
        SELECT
            p,
            countIf(source = 'event') AS events,
            countIf(source = 'drop') AS dropped,
            min(k) AS first_k,
            max(k) AS last_k,
            countIf(k = k_before) AS same_places,
            countIf(k_before >= 0 AND r <= r_before) AS raw_duplicates,
            groupArrayIf((k_before, k, r_before, r, passed - passed_before), k_before >= 0 AND k > k_before + 1) AS holes
        FROM neighbours
        GROUP BY p
    )
SELECT
    p AS kafka_partition,
    events + dropped + dead_letters AS rows,
    totals.events AS events,
    totals.dropped AS dropped,
    length(sink_letters) AS dead_letters,
    rows - duplicates AS offsets,
    arrayMin(arrayPushBack(sink_letters, first_k)) AS first_offset,
    arrayMax(arrayPushBack(sink_letters, last_k)) AS last_offset,
    arraySum(arrayMap((h, k, r) -> greatest(0, least(k - toInt64(h.5), r)), holes, k_missing, r_missing)) AS gaps,
    totals.same_places + rows_beside_letters.same_places AS duplicates,
    totals.raw_duplicates AS raw_duplicates,
    arraySum(k_missing) - gaps AS repeats
FROM
(
    SELECT
        *,
        arrayMap(h -> arrayCount(x -> x > h.1 AND x < h.2, sink_letters), holes) AS letters_between,
        arrayMap((h, l) -> h.2 - h.1 - 1 - toInt64(l), holes, letters_between) AS k_missing,
        arrayMap((h, l) -> h.4 - h.3 - 1 - toInt64(l)
            - toInt64(arrayCount(x -> x > h.3 AND x < h.4, enricher_letters)), holes, letters_between) AS r_missing
    FROM totals
    LEFT JOIN letter_lists USING (p)
) AS totals
LEFT JOIN rows_beside_letters USING (p)
ORDER BY kafka_partition
;
