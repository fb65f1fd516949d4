/** Picks tenants, as numbers from 0, the way callers do. */
export interface Population {
  readonly name: string;
  readonly size: number;
  pick(): number;
}

export function uniform(size: number): Population {
  return { name: `${String(size)} uniform`, size, pick: () => Math.floor(Math.random() * size) };
}

/** A few are busy and most are hardly ever there: the n-th is asked for in proportion to 1 / n^s. */
export function zipf(size: number, s: number): Population {
  const sums = new Float64Array(size);
  let sum = 0;
  for (let n = 0; n < size; n++) sums[n] = sum += 1 / (n + 1) ** s;
  return {
    name: `${String(size)} zipf(${String(s)})`,
    size,
    pick() {
      const wanted = Math.random() * sum;
      let [low, high] = [0, size - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sums[middle]! < wanted) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

export const one: Population = { name: 'one busy tenant', size: 1, pick: () => 0 };
