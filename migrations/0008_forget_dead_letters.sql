-- A dead letter of the enricher holds a raw record, and with it the client's address: it is kept as long as its topic
-- keeps it. The audit and the books look back half as far.
ALTER TABLE dead_letters MODIFY TTL timestamp + INTERVAL 30 DAY
;
