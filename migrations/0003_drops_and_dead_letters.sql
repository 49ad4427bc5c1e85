-- Events that a rule refused on purpose, with the rule's name. No address is kept. Not partitioned, so that an insert of
-- any rows is one part.
CREATE TABLE IF NOT EXISTS dropped_events
(
    site             LowCardinality(String),
    timestamp        DateTime('UTC') COMMENT 'when it was received' CODEC(Delta(4), ZSTD(1)),
    reason           LowCardinality(String),
    protocol         LowCardinality(String),
    hostname         LowCardinality(String),
    pathname         String,
    user_agent       LowCardinality(String),
    kafka_partition  UInt16,
    kafka_offset     UInt64,
    raw_offset       UInt64
)
ENGINE = MergeTree
ORDER BY (site, toDate(timestamp), reason, timestamp)
TTL timestamp + INTERVAL 30 DAY
SETTINGS default_compression_codec = 'ZSTD(1)',
         non_replicated_deduplication_window = 10000
;

-- Records that could not be handled, with their bytes and the cause. The place is that of the record in the topic it was
-- read from, so a letter that is written twice collapses into one (read with FINAL).
CREATE TABLE IF NOT EXISTS dead_letters
(
    timestamp        DateTime('UTC') COMMENT 'when it failed',
    stage            LowCardinality(String) COMMENT 'enricher or sink',
    cause            String,
    record           String COMMENT 'the bytes as they were',
    topic            LowCardinality(String),
    kafka_partition  UInt16,
    kafka_offset     UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, kafka_partition, kafka_offset)
SETTINGS default_compression_codec = 'ZSTD(1)',
         non_replicated_deduplication_window = 10000
;
