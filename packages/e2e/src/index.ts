/** Scenarios over the whole pipeline, from HTTP to SQL. */
export {}
