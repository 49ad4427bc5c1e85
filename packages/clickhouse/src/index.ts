/** ClickHouse as Millrace uses it: client, migrations, native inserts, the audit query. */
export {}
