import type { Replayed, Step } from './replay.ts';
export function expectedStep(_scenario: string, _step: number, { result, history, queryResult }: Step): Replayed {
  const { exception: _exception, ...rest } = result;
  return { result: rest, history, ...(queryResult === undefined ? {} : { queryResult }) };
}
