/** The session fold: which session each of a visitor's events belongs to. */
export {}
