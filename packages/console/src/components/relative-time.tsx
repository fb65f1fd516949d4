import { chakra } from '@chakra-ui/react';
import { localTime, relativeTime, utcTime } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';

/** How long ago something was; the exact moment, in UTC and in the reader's zone, on hover. Null is shown as a dash. */
export function RelativeTime({ at }: { readonly at: string | null }) {
  const now = useNow();
  if (at === null) return <None />;
  return (
    <chakra.time dateTime={at} title={`${utcTime(at)}\n${localTime(at)}`} whiteSpace="nowrap">
      {relativeTime(at, now)}
    </chakra.time>
  );
}

/** A moment written out, with how long ago it was. */
export function ExactTime({ at }: { readonly at: string | null }) {
  if (at === null) return <None />;
  return (
    <span>
      <chakra.time dateTime={at} title={localTime(at)} whiteSpace={{ sm: 'nowrap' }}>
        {utcTime(at)}
      </chakra.time>{' '}
      <chakra.span color="fg.muted">
        (<RelativeTime at={at} />)
      </chakra.span>
    </span>
  );
}

/** What stands where there is no value; said as "none". */
export function None() {
  return (
    <chakra.span color="fg.subtle">
      <span aria-hidden>–</span>
      <chakra.span srOnly>none</chakra.span>
    </chakra.span>
  );
}
