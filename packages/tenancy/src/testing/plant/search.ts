/** So many rows of a table are tried before it is given up. */
const mostTries = 400;

/** Why a row was refused: the columns that have to change. */
export interface Refusal {
  readonly columns: readonly number[];
}

/**
 * Finds for each column one of its candidates so that `insert` takes the row. Tried in the order of the least deviation from the
 * first candidates, among the columns that were ever to blame; what is known to be refused is not tried again. Gives the
 * choice, or undefined.
 */
export async function search(
  sizes: readonly number[],
  insert: (choice: readonly number[]) => Promise<Refusal | undefined>,
): Promise<readonly number[] | undefined> {
  const refused: { readonly columns: readonly number[]; readonly choice: readonly number[] }[] = [];
  const blamed = new Set<number>();
  const isRefused = (choice: readonly number[]): boolean =>
    refused.some((one) => one.columns.every((column) => one.choice[column] === choice[column]));
  for (let tries = 0; tries < mostTries; tries++) {
    const choice = firstChoice(sizes, [...blamed], isRefused);
    if (choice === undefined) return undefined;
    const refusal = await insert(choice);
    if (refusal === undefined) return choice;
    refused.push({ columns: refusal.columns, choice });
    for (const column of refusal.columns) blamed.add(column);
  }
  return undefined;
}

/** The first combination, by the sum of its deviations, that is not known to be refused. */
function firstChoice(
  sizes: readonly number[],
  free: readonly number[],
  isRefused: (choice: readonly number[]) => boolean,
): readonly number[] | undefined {
  const most = free.reduce((sum, column) => sum + sizes[column]! - 1, 0);
  const choice = sizes.map(() => 0);
  let looked = 0;
  const fill = (at: number, sum: number): boolean => {
    if (at === free.length) return sum === 0 && ++looked > 0 && !isRefused(choice);
    const column = free[at]!;
    for (let value = 0; value <= Math.min(sum, sizes[column]! - 1); value++) {
      choice[column] = value;
      if (fill(at + 1, sum - value)) return true;
      if (looked > 200_000) return false;
    }
    choice[column] = 0;
    return false;
  };
  for (let sum = 0; sum <= most && looked <= 200_000; sum++) if (fill(0, sum)) return choice;
  return undefined;
}
