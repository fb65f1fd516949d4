import { TenantryError } from '../errors.ts';

/** Queries of the playground that one control plane runs at the same time. */
const most = 4;
let running = 0;

/** Runs `work` if not too many run already. Throws PLAYGROUND_BUSY. */
export async function throughGate<T>(work: () => Promise<T>): Promise<T> {
  if (running >= most) throw new TenantryError('PLAYGROUND_BUSY', 'Too many queries are running. Try again.');
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
  }
}
