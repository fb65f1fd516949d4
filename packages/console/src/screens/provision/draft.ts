import type { CreateTenant } from '@tenantry/contract';
import { useCallback, useState } from 'react';
import { fromLabelRows, type LabelRow } from '../../components/label-editor.tsx';
import { forget, keep, recall } from '../../lib/preferences.ts';
import { onceKey } from '../../lib/once-key.ts';

/** A tenant as it is being described. */
export interface Draft {
  readonly name: string;
  readonly slug: string;
  /** The slug follows the name until somebody types one. */
  readonly slugTyped: boolean;
  readonly plan: string;
  readonly labels: readonly LabelRow[];
  /** Empty: the default cell. */
  readonly cell: string;
  /** Of the request that this draft becomes: pressed twice, or again after a broken connection, it makes one tenant. */
  readonly idempotencyKey: string;
}

const name = 'tenantry.provision';

/** The draft of this browser. It survives a reload; it is gone when the tenant is there, or when it is discarded. */
export function useDraft() {
  const [draft, setDraft] = useState<Draft>(() => ({
    ...newDraft(),
    ...(recall(name) as Partial<Draft> | undefined),
  }));
  const change = useCallback((part: Partial<Draft>) => {
    setDraft((known) => {
      // Another request: what was asked for before must not answer it.
      const next = { ...known, idempotencyKey: onceKey(), ...part };
      keep(name, next);
      return next;
    });
  }, []);
  const discard = useCallback(() => {
    forget(name);
    setDraft(newDraft());
  }, []);
  return { draft, change, discard };
}

function newDraft(): Draft {
  return {
    name: '',
    slug: '',
    slugTyped: false,
    plan: '',
    labels: [],
    cell: '',
    idempotencyKey: onceKey(),
  };
}

/** The request that a draft becomes. */
export function requestOf(draft: Draft): CreateTenant {
  const labels = fromLabelRows(draft.labels);
  return {
    slug: draft.slug.trim(),
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    ...(draft.plan.trim() === '' ? {} : { plan: draft.plan.trim() }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(draft.cell === '' ? {} : { cell: draft.cell }),
  };
}

/** A slug for a name; empty where none can be made, as of a name in another script. */
export function slugFor(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}
