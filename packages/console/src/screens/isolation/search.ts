import {
  checkStates,
  findingSeverities,
  findingSorts,
  findingStates,
  isolationParts,
  securityEventKinds,
} from '@tenantry/contract';
import { pageSizes } from '../../components/data-table/pager.tsx';
import { numberOf, optional, positiveOf, textOf, wordOf } from '../../lib/search-params.ts';

type Raw = Readonly<Record<string, unknown>>;

/** Several words of the address with commas, of those that are known. */
function wordsOf(search: Raw, name: string, words: readonly string[]): string | undefined {
  const known = (textOf(search, name) ?? '').split(',').filter((word) => words.includes(word));
  return known.length === 0 ? undefined : known.join(',');
}

function positionOf(search: Raw) {
  return {
    cursor: textOf(search, 'cursor'),
    page: positiveOf(search, 'page'),
    limit: numberOf(search, 'limit', pageSizes),
  };
}

export function postureSearch(search: Raw) {
  return optional({
    view: wordOf(search, 'view', ['checks']),
    framework: textOf(search, 'framework'),
    control: textOf(search, 'control'),
    check: textOf(search, 'check'),
    state: wordOf(search, 'state', checkStates),
    part: wordOf(search, 'part', isolationParts),
    q: textOf(search, 'q'),
    ...positionOf(search),
  });
}
export type PostureSearch = ReturnType<typeof postureSearch>;

export function attacksSearch(search: Raw) {
  return optional({
    run: textOf(search, 'run'),
    show: wordOf(search, 'show', ['wrong', 'residual', 'skipped']),
    attack: textOf(search, 'attack'),
    family: textOf(search, 'family'),
    q: textOf(search, 'q'),
  });
}
export type AttacksSearch = ReturnType<typeof attacksSearch>;

export function findingsSearch(search: Raw) {
  return optional({
    state: wordsOf(search, 'state', findingStates),
    severity: wordsOf(search, 'severity', findingSeverities),
    check: textOf(search, 'check'),
    tenant: textOf(search, 'tenant'),
    q: textOf(search, 'q'),
    sort: wordOf(search, 'sort', findingSorts),
    finding: textOf(search, 'finding'),
    ...positionOf(search),
  });
}
export type FindingsSearch = ReturnType<typeof findingsSearch>;

export function eventsSearch(search: Raw) {
  return optional({
    kind: wordOf(search, 'kind', securityEventKinds),
    tenant: textOf(search, 'tenant'),
    sqlState: textOf(search, 'sqlState'),
    ...positionOf(search),
  });
}
export type EventsSearch = ReturnType<typeof eventsSearch>;

export function evidenceSearch(search: Raw) {
  return optional({ tenant: textOf(search, 'tenant'), ...positionOf(search) });
}
export type EvidenceSearch = ReturnType<typeof evidenceSearch>;
