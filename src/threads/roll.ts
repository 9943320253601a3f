/**
 * The roll: which threads of this process there are, and what they are called.
 *
 * How it works  One table in shared memory, made by the first thread that starts another one and handed on with every start. Whoever
 *               starts a thread writes its entry; the thread adds its number in the system, and strikes itself off when it ends in
 *               good order; if it could not, whoever started it does when it hears of the end.
 * Layout        An entry, 32 words: 0 state · 1 number in Node · 2 number in the system · 3 daemon · 4 version of the name, odd while it is
 *               written · 5 bytes of the name · 6-31 the name.
 * Invariants    1. An entry belongs to the thread whose number it has; numbers are never given twice. 2. A thread for which there is no
 *               entry left lives all the same, unlisted.
 * When it dies  Threads that were ended together with the one that started them stay listed: whoever reads asks the system (Linux).
 * @module
 */
import { existsSync } from 'node:fs';
import { onExit } from '../memory/exit-parts.ts';
import { allocateShared } from '../memory/shared-buffer.ts';
import { compareExchange, load, store, type Words } from '../memory/words.ts';

/** Threads listed at most. */
const ENTRIES = 1024;
const ENTRY_WORDS = 32;
const STATE = 0;
const IDENT = 1;
const NATIVE = 2;
const DAEMON = 3;
const VERSION = 4;
const LENGTH = 5;
const NAME = 6;
const NAME_BYTES = (ENTRY_WORDS - NAME) * 4;

const FREE = 0;
const TAKEN = 1;
const LISTED = 2;

let words: Words | undefined;

const roll = (): Words => (words ??= new Int32Array(allocateShared(ENTRIES * ENTRY_WORDS * 4)));

/** Its memory, for a thread that is being started. */
export const rollMemory = (): SharedArrayBuffer => roll().buffer;

/** Takes the memory that was given to this thread at its start. */
export function keepRoll(memory: SharedArrayBuffer): void {
  words = new Int32Array(memory);
}

/** A thread on the roll. */
export interface Listed {
  readonly ident: number;
  /** 0 while it is not known. */
  readonly nativeId: number;
  readonly name: string;
  readonly daemon: boolean;
}

/** Lists a thread. @returns its entry; -1 when there is none left */
export function enroll(ident: number, name: string, daemon: boolean): number {
  const table = roll();
  for (let entry = 0; entry < ENTRIES; entry++) {
    const at = entry * ENTRY_WORDS;
    if (compareExchange(table, at + STATE, FREE, TAKEN) !== FREE) continue;
    store(table, at + IDENT, ident);
    store(table, at + NATIVE, 0);
    store(table, at + DAEMON, daemon ? 1 : 0);
    writeName(table, at, name);
    store(table, at + STATE, LISTED);
    return entry;
  }
  return -1;
}

/** This thread is the one of that entry. */
export function isHere(entry: number, ident: number, nativeId: number): void {
  if (entry < 0) return;
  store(roll(), entry * ENTRY_WORDS + NATIVE, nativeId);
  onExit(() => strike(entry, ident));
}

/** The thread of an entry is called something else. */
export function rename(entry: number, ident: number, name: string): void {
  const at = entry * ENTRY_WORDS;
  if (entry >= 0 && load(roll(), at + IDENT) === ident) writeName(roll(), at, name);
}

/** Strikes a thread off, if it is still listed. */
export function strike(entry: number, ident: number): void {
  if (entry < 0) return;
  const at = entry * ENTRY_WORDS;
  if (compareExchange(roll(), at + IDENT, ident, 0) === ident) store(roll(), at + STATE, FREE);
}

/** All that are listed and live, in no order. */
export function* listed(): Iterable<Listed> {
  const table = roll();
  for (let entry = 0; entry < ENTRIES; entry++) {
    const at = entry * ENTRY_WORDS;
    if (load(table, at + STATE) !== LISTED) continue;
    const ident = load(table, at + IDENT);
    const nativeId = load(table, at + NATIVE);
    const daemon = load(table, at + DAEMON) === 1;
    const name = readName(table, at);
    if (ident === 0 || load(table, at + IDENT) !== ident) continue;
    if (nativeId === 0 || isThere(nativeId)) yield { ident, nativeId, name, daemon };
    else strike(entry, ident);
  }
}

const isThere = (nativeId: number): boolean => existsSync(`/proc/self/task/${nativeId}`);

function writeName(table: Words, at: number, name: string): void {
  const bytes = new Uint8Array(NAME_BYTES);
  const { written } = new TextEncoder().encodeInto(name, bytes); // as many whole letters as there is room for
  store(table, at + VERSION, load(table, at + VERSION) | 1);
  nameBytes(table, at).set(bytes);
  store(table, at + LENGTH, written);
  store(table, at + VERSION, load(table, at + VERSION) + 1);
}

function readName(table: Words, at: number): string {
  for (;;) {
    const version = load(table, at + VERSION);
    const name = Buffer.from(nameBytes(table, at).slice(0, load(table, at + LENGTH))).toString();
    // Whoever renames a thread is at it for less than a microsecond, and may have been ended meanwhile.
    if (load(table, at + VERSION) === version) return name;
  }
}

const nameBytes = (table: Words, at: number): Uint8Array => new Uint8Array(table.buffer, (at + NAME) * 4, NAME_BYTES);
