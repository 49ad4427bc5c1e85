/** The wire protocols that sites speak, each decoded into the canonical event. */
export {}
