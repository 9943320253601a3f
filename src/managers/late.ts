/**
 * All that managed objects need: loaded with the first one, since most programs have none.
 * @module
 */
export { connectToRoot, manageObject } from './here.ts';
export { release, setProperty } from './proxy.ts';
export { startManager } from './start-manager.ts';
