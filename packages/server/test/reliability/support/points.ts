/** A named place in the work of provisioning; `faults.sql` knows them. */
export interface Point {
  readonly name: string;
  /** Before the request is answered, on the way to an active tenant, or on the way back from a failure. */
  readonly phase: 'request' | 'forward' | 'back';
  /** Who stands still here holds a lock that every other operation needs too. */
  readonly alone: boolean;
  /** It is a migration that stands still, which may take as long as it likes. */
  readonly onCell: boolean;
}

function points(phase: Point['phase'], names: readonly string[], about: Partial<Point> = {}): Point[] {
  return names.map((name) => ({ name, phase, alone: false, onCell: false, ...about }));
}

/** Every step of provisioning and of its rollback, in order. */
export const provisioningPoints: readonly Point[] = [
  ...points('request', ['tenant:provisioning', 'operation:new', 'job:new']),
  ...points('forward', ['operation:taken']),
  // From the grants to the groups to its commit a build keeps others from theirs: GRANT locks the role that is granted.
  ...points('forward', ['build:running', 'build:report'], { alone: true }),
  ...points('forward', ['migration:first', 'migration:middle'], { alone: true, onCell: true }),
  ...points('forward', ['deferred'], { onCell: true }),
  // News of a step is one statement, which holds the lock of the event stream when it comes to this.
  ...points('forward', ['build:succeeded', 'probe:running'], { alone: true }),
  ...points('forward', ['tenant:active']),
  ...points('forward', ['probe:succeeded', 'activate:succeeded', 'operation:succeeded'], { alone: true }),
  ...points('back', ['activate:failed'], { alone: true }),
  ...points('back', ['rollback:running', 'tenant:failed', 'drop', 'tenant:removed']),
  ...points('back', ['rollback:succeeded', 'operation:failed'], { alone: true }),
];

/** A slug that tells the point. */
export function slugOf({ name }: Point): string {
  return `at-${name.replace(':', '-')}`;
}
