/**
 * Where a listener listens: a path, or a host and a port.
 *
 * Kinds  A path is a Unix socket; one that begins with NUL is a name in Linux' abstract space, without a file; `\\.\pipe\…` is a named
 *        pipe of Windows. Without a host, a port is one of this machine only (127.0.0.1).
 * @module
 */
import { Buffer } from 'node:buffer';
import { InvalidOptionError } from '../errors/executor-errors.ts';

/** A Unix socket, an abstract name (`'\0name'`), or a named pipe of Windows. */
export interface PathAddress {
  readonly path: string;
  readonly host?: undefined;
  readonly port?: undefined;
}

/** A TCP port. */
export interface PortAddress {
  /** Default: 127.0.0.1, which only this machine reaches. */
  readonly host?: string | undefined;
  /** 0 to 65535; a listener on 0 gets a port that is free. */
  readonly port: number;
  readonly path?: undefined;
}

/** Where a listener listens. */
export type Address = PathAddress | PortAddress;

const THIS_MACHINE = '127.0.0.1';
const PIPE = /^[\\/]{2}[.?][\\/]pipe[\\/]./;

/**
 * The address among some options, checked.
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION`
 */
export function addressOf(
  options: { readonly path?: unknown; readonly host?: unknown; readonly port?: unknown },
  platform: NodeJS.Platform = process.platform,
): Address {
  const { path, host = THIS_MACHINE, port } = options;
  if ((path === undefined) === (port === undefined)) {
    throw new InvalidOptionError('An address is either a path or a port (and a host); give one of them.');
  }
  if (path !== undefined) return { path: checkPath(path, platform) };
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new InvalidOptionError(`port must be a whole number from 0 to 65535; it is ${String(port)}.`);
  }
  if (typeof host !== 'string' || host === '') {
    throw new InvalidOptionError(`host must be a name or an IP address; it is ${JSON.stringify(host)}.`);
  }
  return { host, port };
}

function checkPath(path: unknown, platform: NodeJS.Platform): string {
  if (typeof path !== 'string' || path === '' || path === '\0') {
    throw new InvalidOptionError(`path must be a string that is not empty; it is ${JSON.stringify(path)}.`);
  }
  if (platform === 'win32') {
    if (PIPE.test(path)) return path;
    throw new InvalidOptionError(
      `'${printable(path)}' is no address on Windows: a path there is the name of a pipe, such as '\\\\.\\pipe\\name'. Or use a port.`,
    );
  }
  if (PIPE.test(path)) {
    throw new InvalidOptionError(`'${path}' is a named pipe of Windows; on ${platform} use the path of a socket file.`);
  }
  if (path.startsWith('\0')) {
    if (platform === 'linux') return lengthChecked(path, mostBytes(platform));
    throw new InvalidOptionError(
      `'${printable(path)}' is an abstract address, which only Linux has; on ${platform} use the path of a socket file.`,
    );
  }
  if (path.includes('\0')) throw new InvalidOptionError(`'${printable(path)}' has a NUL in it; a path cannot.`);
  return lengthChecked(path, mostBytes(platform));
}

const mostBytes = (platform: NodeJS.Platform): number => (platform === 'linux' ? 107 : 103);

/** Whether the system takes a path so long for a socket. */
export const fitsPath = (path: string): boolean => Buffer.byteLength(path) <= mostBytes(process.platform);

/** Systems cut longer ones off, or refuse them without saying why. */
function lengthChecked(path: string, most: number): string {
  const length = Buffer.byteLength(path);
  if (length <= most) return path;
  throw new InvalidOptionError(
    `The address '${printable(path)}' has ${length} bytes; the system takes ${most} at most. Use a folder with a shorter name.`,
  );
}

const printable = (path: string): string => path.replaceAll('\0', '\\0');

/** An address for a message. */
export function addressText({ path, host, port }: Address): string {
  if (path !== undefined) return `'${printable(path)}'`;
  return `${host?.includes(':') ? `[${host}]` : host}:${port}`;
}
