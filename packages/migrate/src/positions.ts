/** Line of every offset of a text, both counted as JavaScript does (UTF-16 units), lines from 1. */
export function lineIndex(text: string): (offset: number) => number {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/** Turns offsets in the UTF-8 form of a text, which is what PostgreSQL's parser reports, into offsets in the text. */
export function byteIndex(text: string): (byte: number) => number {
  const size = Buffer.byteLength(text);
  if (size === text.length) return (byte) => byte;
  const indices = new Uint32Array(size + 1);
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    const width = Buffer.byteLength(character);
    indices.fill(unit, byte, byte + width);
    byte += width;
    unit += character.length;
  }
  indices[size] = unit;
  return (at) => indices[Math.min(at, size)] ?? unit;
}

/** Turns a count of characters (code points), which is what PostgreSQL's errors carry, into an offset in the text. */
export function characterIndex(text: string, characters: number): number {
  let unit = 0;
  for (let n = 0; n < characters && unit < text.length; n++)
    unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return unit;
}
