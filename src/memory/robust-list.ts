/**
 * Life words: words of shared memory in which the kernel itself notes that a thread has died.
 *
 * How it works  Linux lets each thread register a list of words that hold the thread's number (`set_robust_list`). However the
 *               thread ends, also by SIGKILL, the kernel walks that list and sets a bit in every word that still holds the
 *               number. Here the list has one word a lot, not one a lock: it says whether the thread lives, and everything
 *               that the thread held is judged by it. The list is made once; acquiring a lock costs nothing more.
 * Layout        A life record, 64 bytes: 0 life word · 8 next entry · 40 list head (first entry, offset, pending entry).
 * Invariants    1. Entries are addresses in a mapping that is never unmapped: the kernel reads them when all else is gone.
 *               2. The entry is in the list before the word holds the number, so a thread cannot die unnoticed.
 *               3. glibc uses the same list for robust pthread mutexes, and is displaced on threads that call this. Node has none.
 * Source        set_robust_list(2); Documentation/locking/robust-futex-ABI in the Linux kernel.
 * @module
 */
import { linux } from './system/linux.ts';
import { compareExchange, load, store, type Words } from './words.ts';

const OWNER_DIED = 0x4000_0000;
/** Besides: somebody tells those who wait. */
const TOLD = 0x8000_0000 | 0;
/** Bytes. */
const NEXT = 8;
const HEAD = 40;

/** Places of one life record. */
export interface LifePlace {
  /** Words of the lot, in this thread's own mapping. */
  readonly words: Words;
  /** Byte offset of the record. */
  readonly offset: number;
  /** Where the lot's first byte is in the mapping that is never unmapped. */
  readonly address: number;
}

/** This thread's list: where its head is, and which entry is first. */
let list: { readonly longs: BigInt64Array; readonly head: number; first: number } | undefined;

/** Enters a life word in this thread's list and puts the thread's number into it. */
export function enlist({ words, offset, address }: LifePlace): void {
  const longs = new BigInt64Array(words.buffer, 0, words.length >> 1);
  const entry = address + offset + NEXT;
  if (list === undefined) {
    const head = address + offset + HEAD;
    longs[(offset + NEXT) / 8] = BigInt(head);
    longs.set([BigInt(entry), BigInt(-NEXT), 0n], (offset + HEAD) / 8);
    list = { longs: longs.subarray((offset + HEAD) / 8), head, first: entry };
    linux().setRobustList(head);
  } else {
    longs[(offset + NEXT) / 8] = BigInt(list.first);
    list.longs[0] = BigInt(entry);
    list.first = entry;
  }
  store(words, offset / 4, linux().threadId());
}

/** Whether a thread has died and it is the caller's to tell of it; says so once. */
export function claimDeath(words: Words, index: number): boolean {
  return compareExchange(words, index, OWNER_DIED, OWNER_DIED | TOLD) === OWNER_DIED;
}

/** Whether the thread behind a life word lives. */
export function isAlive(words: Words, index: number): boolean {
  const word = load(words, index);
  return word !== 0 && (word & OWNER_DIED) === 0;
}
