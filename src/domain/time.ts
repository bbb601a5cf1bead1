/** Microseconds since 1970-01-01 UTC, an integer: v1 shows six digits, and both databases sort integers alike. */
export type Microseconds = number;
