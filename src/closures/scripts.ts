/**
 * From V8's number of a script to its URL.
 *
 * How it works  A call site knows number and name of its script, so the files on the present call stack are free; most
 *               functions are sent by the file that holds them. Of the others V8 tells when it is asked what ran, which in a
 *               program that has run no more than some ten thousand functions takes a fifth of the other way: to enable the
 *               debugger once, which tells of all scripts there are.
 * @module
 */
import { pathToFileURL } from 'node:url';
import { getCallSites } from 'node:util';
import { enableOnce, listenForScripts, tellOfScriptsThatRan } from './inspector.ts';

const urls = new Map<string, string>();
const FRAMES = 50;
/** Bytes of bytecode, of functions that ran, up to which asking for them is the faster way. */
const LITTLE_CODE = 3 * 2 ** 20;
const MAX_SCRIPTS = 20_000;

/** CommonJS scripts are named by path at call sites and by URL in the debugger. */
const asUrl = (name: string): string => (/^(?:\/|[A-Za-z]:[\\/])/.test(name) ? pathToFileURL(name).href : name);

listenForScripts((id, name) => urls.set(id, asUrl(name)));

/** URL of a script; empty for code that came from no file. */
export function scriptUrl(scriptId: string): string {
  const known = urls.get(scriptId);
  if (known !== undefined) return known;
  for (const { scriptId: id, scriptName } of getCallSites(FRAMES))
    if (scriptName !== '') urls.set(id, asUrl(scriptName));
  if (!urls.has(scriptId)) {
    if (urls.size > MAX_SCRIPTS) urls.clear(); // those that are gone; V8 tells of the others again
    const { bytecode_and_metadata_size: code } = process.getBuiltinModule('node:v8').getHeapCodeStatistics();
    if (code < LITTLE_CODE) tellOfScriptsThatRan();
    if (!urls.has(scriptId)) enableOnce();
  }
  const url = urls.get(scriptId) ?? '';
  urls.set(scriptId, url);
  return url;
}

/** URL of the nearest caller's file outside this folder's `skip` innermost frames. */
export function callerUrl(skip: number): string {
  return asUrl(getCallSites(skip + 2)[skip + 1]?.scriptName ?? '');
}
