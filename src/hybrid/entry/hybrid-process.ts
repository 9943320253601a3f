/**
 * Where a process with threads starts: its main thread passes messages on between the owner and the threads, which it starts when
 * it is told to.
 *
 * The process lives as long as its socket, and ends before when the owner says that its last thread is gone.
 * @module
 */
import { Socket } from 'node:net';
import { FROM_OWNER, hearOwner, postToOwner } from '../../processes/owner-line.ts';
import type { ToRelay } from '../relay-messages.ts';
import { Relay } from '../relay.ts';

const relay = new Relay(postToOwner);
hearOwner<ToRelay>(new Socket({ fd: FROM_OWNER, readable: true, writable: false }), (message, thread) =>
  relay.receive(message, thread),
);
