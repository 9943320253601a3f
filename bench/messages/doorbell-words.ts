/**
 * Where things are in the memory of `measure-doorbell.ts`, in words; before them is the segment's header.
 * @module
 */
const FIRST = 16;

/** How often it was asked. */
export const QUESTION = FIRST;
/** How often it was answered. */
export const ANSWER = FIRST + 1;
/** The pipe: the end to read from, the end to write to. */
export const PIPE = FIRST + 2;
