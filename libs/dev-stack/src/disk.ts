import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { stackFolder } from './paths';
import { loadState, type ServerName } from './state';

/**
 * A file system in memory for each server of a stack, whose size can be changed while the server runs: for fault
 * tests that let a disk run full. The server sees a real ENOSPC, as it would on a disk.
 */
const ROOMY = '4g';
/** What a full disk still takes, so that the server is in the middle of something when it ends. */
const LEFT_BYTES = 128 * 1024;

const mount = (...args: string[]) => spawnSync('mount', args, { encoding: 'utf8' });
const diskOf = (stack: string, server: ServerName) => join(stackFolder(stack), server);

/** Whether this process may mount file systems: Linux, as root, and not in a container that forbids it. */
export function canMakeDisks(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const trial = mkdtempSync(join(tmpdir(), 'tributary-disk-'));
  const made = mount('-t', 'tmpfs', '-o', 'size=64k', 'tributary', trial).status === 0;
  if (made) spawnSync('umount', [trial]);
  rmdirSync(trial);
  return made;
}

/** Whether the servers of a stack have disks that can be filled. */
export const hasDisks = (stack: string) => loadState(stack)?.disks === true;

/** Mounts the disk of a server unless it is there; true when it had to be made, and is therefore empty. */
export function ensureDisk(stack: string, server: ServerName): boolean {
  const folder = diskOf(stack, server);
  mkdirSync(folder, { recursive: true });
  if (mountsUnder(folder).length > 0) return false;
  const { status, stderr } = mount('-t', 'tmpfs', '-o', `size=${ROOMY},mode=700`, 'tributary', folder);
  if (status !== 0) throw new Error(`No disk can be made for ${server}: ${stderr.trim()}`);
  return true;
}

/** From now on the server's disk has no room. */
export function fillDisk(stack: string, server: ServerName): void {
  const folder = diskOf(stack, server);
  // The server may write between the look and the change, which then fails.
  for (let attempt = 1; ; attempt += 1) {
    const { blocks, bfree, bsize } = statfsSync(folder);
    const size = (blocks - bfree) * bsize + LEFT_BYTES;
    const { status, stderr } = mount('-o', `remount,size=${size}`, folder);
    if (status === 0) return;
    if (attempt === 20) throw new Error(`The disk of ${server} could not be filled: ${stderr.trim()}`);
  }
}

/** Ends what `fillDisk` began. */
export function freeDisk(stack: string, server: ServerName): void {
  const { status, stderr } = mount('-o', `remount,size=${ROOMY}`, diskOf(stack, server));
  if (status !== 0) throw new Error(`The disk of ${server} could not be freed: ${stderr.trim()}`);
}

/** Unmounts all disks of a stack, with what is on them. */
export function removeDisks(stack: string): void {
  for (const folder of mountsUnder(stackFolder(stack))) spawnSync('umount', [folder]);
}

function mountsUnder(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter((path) => path === folder || path.startsWith(folder + sep));
}
