import type { Hue } from './palettes.ts';

const steps = ['50', '100', '200', '300', '400', '500', '600', '700', '800', '900', '950'] as const;

/**
 * Colours by step, light to dark. Chosen so that `.700` on `.50` and white on `.700` pass WCAG AA (4.5:1), and `.300` on
 * `.950` in the dark.
 */
export const scales = {
  brand: scale([
    '#f5f6ff',
    '#e9ebfe',
    '#d6d9fd',
    '#b4b8fa',
    '#8e91f4',
    '#6f6eec',
    '#5b53e0',
    '#4b42c4',
    '#3d379e',
    '#2b2870',
    '#191741',
  ]),
  slate: scale([
    '#f8f9fa',
    '#f1f2f4',
    '#e4e6ea',
    '#d0d4da',
    '#9aa1ac',
    '#737b88',
    '#565e6b',
    '#414852',
    '#2a2f37',
    '#1a1d23',
    '#101216',
  ]),
  green: scale([
    '#effbf4',
    '#d8f5e4',
    '#b3e9cb',
    '#7fd7a8',
    '#49bd82',
    '#27a068',
    '#178253',
    '#126844',
    '#105237',
    '#0c3b29',
    '#062318',
  ]),
  amber: scale([
    '#fef8ec',
    '#fcecc9',
    '#f8d88e',
    '#f2bd52',
    '#e39f26',
    '#c27f12',
    '#9c610d',
    '#7f4d0f',
    '#653d11',
    '#47290b',
    '#2a1705',
  ]),
  red: scale([
    '#fef3f2',
    '#fde4e2',
    '#fbcbc8',
    '#f7a5a0',
    '#ef736c',
    '#e0463e',
    '#c42d27',
    '#a32320',
    '#851f1d',
    '#571514',
    '#330b0a',
  ]),
  blue: scale([
    '#f0f7fe',
    '#dcecfd',
    '#bedcfb',
    '#8fc4f8',
    '#57a4f2',
    '#3284e4',
    '#2169c5',
    '#1d549e',
    '#1b4580',
    '#142f57',
    '#0c1c36',
  ]),
  violet: scale([
    '#f8f5fe',
    '#efe8fd',
    '#e0d4fb',
    '#c9b3f7',
    '#ab88f0',
    '#8e60e4',
    '#7743cd',
    '#6135a9',
    '#4f2d88',
    '#351e5c',
    '#1f1238',
  ]),
} satisfies Record<Hue | 'brand', Record<string, { value: string }>>;

function scale(colours: readonly string[]): Record<(typeof steps)[number], { value: string }> {
  return Object.fromEntries(steps.map((step, at) => [step, { value: colours[at] ?? '' }])) as Record<
    (typeof steps)[number],
    { value: string }
  >;
}

/** What the recipes of Chakra read from a palette, made of one hue. */
export function paletteOf(hue: Hue | 'brand') {
  const pick = (light: string, dark: string) => ({
    value: { _light: `{colors.${hue}.${light}}`, _dark: `{colors.${hue}.${dark}}` },
  });
  return {
    contrast: { value: { _light: 'white', _dark: 'white' } },
    fg: pick('700', '300'),
    subtle: pick('100', '900'),
    muted: pick('200', '800'),
    emphasized: pick('300', '700'),
    solid: pick('700', hue === 'brand' ? '600' : '700'),
    focusRing: pick('500', '400'),
    border: pick('300', '700'),
  };
}
