import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CanaryDetector, textOfAnswer } from '../../src/attacks/answer.ts';
import { newCanary } from '../../src/canaries/names.ts';

const canary = newCanary();
const detector = new CanaryDetector(canary);
const secret = canary.replace(/^canary/, '');

describe('the canary is found', () => {
  test.each([
    ['as it is', canary],
    ['in capitals', canary.toUpperCase()],
    ['backwards', canary.split('').toReversed().join('')],
    ['in hexadecimal', Buffer.from(canary).toString('hex')],
    ['as bytea', String.raw`\x${Buffer.from(canary).toString('hex')}`],
    ['in the middle of XML', `<row><body>${canary}</body></row>`],
    ['a part of eight characters', `…${secret.slice(5, 13)}…`],
  ])('%s', (_, text) => {
    expect(detector.isIn(text)).toBe(true);
  });

  test('in base64, wherever it begins', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(detector.isIn(Buffer.from(before + canary + after).toString('base64'))).toBe(true);
      }),
    );
  });

  test('in bytes, in nested values and in notices', () => {
    expect(detector.isIn(textOfAnswer({ rows: [{ data: Buffer.from(canary) }], heard: [] }))).toBe(true);
    expect(detector.isIn(textOfAnswer({ rows: [{ deep: [{ x: canary }] }], heard: [] }))).toBe(true);
    expect(detector.isIn(textOfAnswer({ rows: [], heard: [{ text: canary }] }))).toBe(true);
  });

  test('and not where it is not: in another canary, or in the word itself', () => {
    expect(detector.isIn(`canary ${newCanary()}`)).toBe(false);
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => !detector.isIn(text)));
  });
});
