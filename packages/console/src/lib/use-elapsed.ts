import { useEffect, useState } from 'react';

/** Milliseconds since a moment, ten times a second; null while there is none. */
export function useElapsed(since: string | null): number | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (since === null) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, [since]);
  return since === null ? null : Math.max(0, now - Date.parse(since));
}
