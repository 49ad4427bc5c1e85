/** Measures each part of the pipeline against a yardstick in the same run. */
export {}
