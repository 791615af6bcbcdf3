/** Shorter secrets are not masked in output: they would mask everything else. */
export const shortestMaskedSecret = 4;
