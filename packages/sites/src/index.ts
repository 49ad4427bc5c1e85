/** The sites file: which sites are accepted and by which rules their events are dropped. */
export {}
