/** Stored scroll depth of an engagement event that carries none (Plausible's marker; real depths are 0 to 100). */
export const scrollDepthMissing = 255
