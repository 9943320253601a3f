/**
 * Addresses of every platform, checked on any.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf, addressText } from '../../src/connections/address.ts';
import { InvalidOptionError } from '../../src/index.ts';

describe('an address', () => {
  const good: readonly (readonly [NodeJS.Platform, Record<string, unknown>, string])[] = [
    ['linux', { path: '/run/s' }, `'/run/s'`],
    ['linux', { path: 'relative' }, `'relative'`],
    ['linux', { path: '\0name' }, `'\\0name'`],
    ['darwin', { path: `/${'x'.repeat(102)}` }, `'/${'x'.repeat(102)}'`],
    ['win32', { path: '\\\\.\\pipe\\name' }, `'\\\\.\\pipe\\name'`],
    ['win32', { path: '//./pipe/name' }, `'//./pipe/name'`],
    ['win32', { path: '\\\\?\\pipe\\name' }, `'\\\\?\\pipe\\name'`],
    ['win32', { port: 1 }, '127.0.0.1:1'],
    ['linux', { port: 1, host: '::1' }, '[::1]:1'],
    ['darwin', { port: 65_535, host: 'example.org' }, 'example.org:65535'],
  ];
  for (const [platform, options, text] of good) {
    test(`${text} is one on ${platform}`, () => assert.equal(addressText(addressOf(options, platform)), text));
  }

  const bad: readonly (readonly [NodeJS.Platform, string, RegExp])[] = [
    ['win32', '/run/s', /no address on Windows/],
    ['win32', 'C:\\folder\\s', /no address on Windows/],
    ['win32', '\0name', /no address on Windows/],
    ['win32', '\\\\.\\pipe\\', /no address on Windows/],
    ['linux', '\\\\.\\pipe\\name', /a named pipe of Windows; on linux/],
    ['darwin', '\\\\.\\pipe\\name', /a named pipe of Windows; on darwin/],
    ['darwin', '\0name', /an abstract address, which only Linux has/],
    ['linux', '/run\0/s', /has a NUL in it/],
    ['linux', '\0', /not empty/],
    ['linux', `/${'x'.repeat(107)}`, /has 108 bytes; the system takes 107/],
    ['linux', `/${'é'.repeat(54)}`, /has 109 bytes/],
    ['linux', `\0${'x'.repeat(107)}`, /has 108 bytes/],
    ['darwin', `/${'x'.repeat(103)}`, /has 104 bytes; the system takes 103/],
  ];
  for (const [platform, path, expected] of bad) {
    const row = platform === 'win32' ? 'listenerclient-08: ' : '';
    test(`${row}${JSON.stringify(path.slice(0, 20))} is none on ${platform}`, () => {
      assert.throws(
        () => addressOf({ path }, platform),
        (error) => error instanceof InvalidOptionError && expected.test(error.message),
      );
    });
  }
});
