-- Enriched records are arrays now: the version of their format, the kind, then rawOffset, receivedAt, and as the seventh value
-- the site (the same places for events and drops). A letter's bytes are read in that form and in the objects of before; an index
-- into an object would find its seventh member, so the form is looked at first.
ALTER TABLE dead_letters
    MODIFY COLUMN site LowCardinality(String)
        MATERIALIZED if(startsWith(record, '['), JSONExtractString(record, 7), JSONExtractString(record, 'site'))
        COMMENT 'empty where the bytes do not tell'
;

ALTER TABLE dead_letters
    MODIFY COLUMN received_at DateTime('UTC')
        MATERIALIZED toDateTime(least(intDiv(if(startsWith(record, '['), JSONExtractUInt(record, 4), JSONExtractUInt(record, 'receivedAt')), 1000), 4294967295), 'UTC')
        COMMENT 'when the producer received it; 1970 where the bytes do not tell'
;

ALTER TABLE dead_letters
    MODIFY COLUMN raw_offset UInt64
        MATERIALIZED if(topic = 'millrace.events.raw', kafka_offset, if(startsWith(record, '['), JSONExtractUInt(record, 3), JSONExtractUInt(record, 'rawOffset')))
        COMMENT 'place of the raw record; 0 where the bytes do not tell'
;
