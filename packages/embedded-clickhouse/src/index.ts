/** The ClickHouse engine in a process of its own behind a ClickHouse HTTP endpoint. */
export {}
