-- Back-fills: one row for each file of captured requests, replaced as the import goes on (read with FINAL). It says where
-- an import that was stopped goes on, and that one that is finished has nothing to do.
CREATE TABLE IF NOT EXISTS imports
(
    file_hash          String COMMENT 'SHA-256 of the content, unzipped, in hex',
    name               String COMMENT 'of the file',
    size               UInt64 COMMENT 'bytes, unzipped',
    position           UInt64 COMMENT 'the events of the bytes before it are in the log',
    page_position      UInt64 COMMENT 'where the page of the books that position lies in begins',
    lines              UInt64 COMMENT 'before position, as all that is counted',
    requests           UInt64,
    events             UInt64 COMMENT 'that no rule of the door dropped',
    dropped            Map(LowCardinality(String), UInt64) COMMENT 'events by reason',
    rejected           Map(LowCardinality(String), UInt64) COMMENT 'lines by cause',
    first_received_at  DateTime('UTC'),
    last_received_at   DateTime('UTC'),
    started_at         DateTime('UTC'),
    updated_at         DateTime('UTC'),
    finished_at        DateTime('UTC') COMMENT '1970 while it is not',
    partitions         UInt16 COMMENT 'of the raw topic',
    rules              String COMMENT 'fingerprint of what decides the partition of an event',
    is_exact           UInt8 COMMENT '1: nothing beyond position is in the log; 0 while it runs, and after a crash',
    rejects_bytes      UInt64 COMMENT 'of the file of rejected lines',
    version            UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY file_hash
;
-- Drops are kept for 30 days from when they were stored. By their own time the drops of an imported month would be gone at
-- once, and the audit would take their places in the log for losses.
ALTER TABLE dropped_events ADD COLUMN IF NOT EXISTS stored_at DateTime('UTC') DEFAULT now() COMMENT 'when the sink stored it' CODEC(Delta(4), ZSTD(1))
;
ALTER TABLE dropped_events MODIFY TTL stored_at + INTERVAL 30 DAY
;
